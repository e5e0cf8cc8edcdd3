import {expect} from 'vitest'
import type {Running} from '../../support/cli.js'
import {type Generation, other} from './generations.js'
import {type Excuses, Reader, type ReaderOptions} from './reader.js'
import type {Stage} from './stage.js'

/** What befalls the setups of a kind. */
export interface Blow extends Excuses {
  /** Flags of every setup. */
  flags?: readonly string[]
  /** Only setups that end the sessions of readers, which then never leave. */
  forced?: boolean
  /** Another way to the database for the setup that is struck. */
  url?: string
  /** The exit codes that it may have; undefined is one that a signal ended. */
  exits: readonly (number | undefined)[]
  /** Whether any exit code but 0 means that nothing was changed. */
  tells?: (moment: number) => boolean
  /** What comes before the setup. */
  before?: (moment: number) => Promise<unknown>
  /** Strikes; the setup has ended when it returns. */
  strike(running: Running, moment: number): Promise<void>
}

/** How setups are run, in turn: with readers that never leave, and with one that comes and goes. */
const ways = [['--force'], ['--force', '--no-undo'], [], ['--no-undo']]

/** What was seen of a kind, over all its moments. */
export class Tally {
  readonly found = {old: 0, new: 0}
  private answers = 0
  private missing = 0
  private longest = 0

  constructor(private readonly kind: string) {}

  add(readers: readonly Reader[]): void {
    for (const {answers, missing, longest} of readers) {
      this.answers += answers
      this.missing += missing
      this.longest = Math.max(this.longest, longest)
    }
  }

  print(): void {
    const {old, new: made} = this.found
    console.log(
      `${this.kind} at ${old + made} moments: then the old data ${old} times, the new ${made} times; ${this.answers} answers, ` +
        `"no such database" ${this.missing} times, never twice in a row; longest time without an answer ${Math.round(this.longest)} ms`,
    )
  }
}

/**
 * Runs setups that are struck, each at a later moment, while clients read. During each and after it, with no command
 * of ours in between, they find the old data or all of the new; then the next setup works and leaves nothing over.
 */
export async function survive(stage: Stage, kind: string, times: number, blow: Blow): Promise<void> {
  const tally = new Tally(kind)
  for (let moment = 0; moment < times; moment += 1) {
    await surviveOne(stage, {moment, times, kind, tally}, blow)
    await stage.neighbors.expectUntouched()
  }

  await stage.neighbors.expectWhole()
  tally.print()
}

async function surviveOne(
  stage: Stage,
  {moment, times, kind, tally}: {moment: number; times: number; kind: string; tally: Tally},
  blow: Blow,
): Promise<void> {
  const way = ways[moment % (blow.forced === true ? 2 : ways.length)] ?? []
  const forced = way.includes('--force')
  const flags = [...way, ...(blow.flags ?? [])]
  const [from, to] = [stage.now, other(stage.now)]
  const readers = start(stage, forced, {down: blow.down, ended: forced, order: [from, to]})
  const when = `${kind} at moment ${moment} of ${times}, setup ${flags.join(' ')}`
  try {
    await blow.before?.(moment)
    await Promise.all(readers.map((reader) => reader.more(1)))
    const running = stage.setup({to, flags, url: blow.url})
    await blow.strike(running, moment)
    const {exitCode, stderr} = await running
    expect(forced ? blow.exits : [...blow.exits, 5], `${when}: ${stderr}`).toContain(exitCode)
    // Every other time the next setup comes at once, and finds what the one that was struck has left on the server.
    const atOnce = forced && Math.floor(moment / 4) % 2 === 0 && blow.tells === undefined
    if (!atOnce) await expectWhole(stage, readers, {when, from, to, exitCode, tells: blow.tells?.(moment) === true})
    tally.found[readers.at(-1)?.last === to ? 'new' : 'old'] += 1
    if (!forced) await leave(stage, readers)
    await stage.again({to, flags})
    await Promise.all(readers.map((reader) => reader.stop()))
    expect(problems(readers), when).toEqual([])
    expect(await stage.found(), when).toBe(to)
    const {undo, unfinished} = await stage.strays()
    expect({undo: undo.length <= 1, unfinished}, `${when}, after the next setup`).toEqual({undo: true, unfinished: []})
    for (const name of undo) expect([from, to], `${when}: ${name}`).toContain(await stage.found(name))
  } finally {
    await Promise.all(readers.map((reader) => reader.stop()))
    tally.add(readers)
  }
}

/** With no command of ours since it was struck. */
async function expectWhole(
  stage: Stage,
  readers: Reader[],
  {
    when,
    from,
    to,
    exitCode,
    tells,
  }: {when: string; from: Generation; to: Generation; exitCode?: number; tells: boolean},
): Promise<void> {
  await stage.quiet({empty: false})
  await Promise.all(readers.map((reader) => reader.more(3)))
  expect(problems(readers), when).toEqual([])
  const found = await stage.found()
  expect([from, to], when).toContain(found)
  if (exitCode === 0) expect(found, `${when}: exit 0`).toBe(to)
  else if (tells) expect(found, `${when}: exit ${exitCode}`).toBe(from)
  const {undo, unfinished} = await stage.strays()
  expect(
    {one: unfinished.length <= 1, all: undo.length + unfinished.length <= 2},
    `${when}: ${[...undo, ...unfinished].join(', ')}`,
  ).toEqual({one: true, all: true})
}

function start({url}: Stage, forced: boolean, options: Omit<ReaderOptions, 'url'>): Reader[] {
  if (!forced) return [new Reader({...options, url, pause: 40})]
  return [new Reader({...options, url, pause: 5, holds: true}), new Reader({...options, url, pause: 5})]
}

/** Without --force no one may be connected. */
async function leave(stage: Stage, readers: Reader[]): Promise<void> {
  await Promise.all(readers.map((reader) => reader.stop()))
  await stage.quiet({empty: true})
}

const problems = (readers: readonly Reader[]): string[] => readers.flatMap((reader) => reader.problems)
