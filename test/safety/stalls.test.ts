import {copyFileSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, inject, it, vi} from 'vitest'
import {cli, type CliResult, start} from '../support/cli.js'
import {ask, uniqueName} from '../support/databases.js'
import {type OwnServer, startOwnServer} from '../support/own-server.js'
import {startStallingProxy} from '../support/stalling-proxy.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const moments = inject('moments')
/** How many cases run at once: nearly all of their time is spent waiting. */
const parallel = 8
/** What hangs is killed. */
const killedAfterSeconds = 30
vi.setConfig({testTimeout: 120_000 + moments * 60_000})

/** Every command that talks to a database. `exists` says whether it has one. */
const commands: readonly {argv: string[]; exists: boolean}[] = [
  {argv: ['create'], exists: false},
  {argv: ['drop', '--force'], exists: true},
  {argv: ['setup'], exists: true},
  {argv: ['setup', '--cached'], exists: false},
  {argv: ['schema:load'], exists: true},
  {argv: ['seed', '--file', 'seed.sql'], exists: true},
  {argv: ['schema:dump'], exists: true},
  {argv: ['undo'], exists: true},
  {argv: ['undo', '--list'], exists: true},
  {argv: ['protect'], exists: true},
  {argv: ['unprotect'], exists: true},
  {argv: ['cache'], exists: true},
  {argv: ['sessions'], exists: true},
  {argv: ['sessions', '--json'], exists: true},
  {argv: ['sessions:kill', '--idle-over', '1h'], exists: true},
  {argv: ['doctor'], exists: true},
  {argv: ['wait', '--timeout', '2s'], exists: true},
  {argv: ['activity:home'], exists: true},
  {argv: ['connect', '--', '-c', 'select 1'], exists: true},
]

let server: OwnServer
const folder = temporaryFolder()
beforeAll(async () => {
  server = await startOwnServer()
  mkdirSync(join(folder, 'sql'))
  copyFileSync(new URL('../../sql/schema.sql', import.meta.url), join(folder, 'sql', 'schema.sql'))
  writeFileSync(join(folder, 'seed.sql'), 'create table if not exists seeded (id int);\ninsert into seeded values (1);')
})
afterAll(() => server.stop())

interface Stalled extends CliResult {
  /** The messages of the server that came through. */
  messages: number
  seconds: number
}

/** Runs a command through a proxy that stalls after so many messages; interrupts it then, if asked to. */
async function stalled(
  {argv, exists}: (typeof commands)[number],
  messages: number,
  {timeoutSeconds, signal}: {timeoutSeconds: number; signal?: NodeJS.Signals},
): Promise<Stalled> {
  const database = uniqueName('stall')
  if (exists) await ask(server.url('postgres'), `create database ${database}`)
  const proxy = await startStallingProxy(server.port, messages)
  const url = new URL(server.url(database))
  url.port = String(proxy.port)
  url.search = `?sslmode=disable&connect_timeout=${timeoutSeconds}`
  const begun = performance.now()
  // Without psql, so that connect opens the built-in shell.
  const running = start(argv, {cwd: folder, env: {CONNECTION_URL: url.href, PATH: folder}})
  const killed = AbortSignal.timeout(killedAfterSeconds * 1000)
  killed.addEventListener('abort', () => running.kill('SIGKILL'))
  if (signal !== undefined) {
    while ((proxy.connections === 0 || proxy.messages < messages) && running.exitCode === null) await delay(20)
    await delay(200)
    // execa would send SIGKILL a little later.
    if (running.pid !== undefined && running.exitCode === null) process.kill(running.pid, signal)
  }

  const {exitCode, stdout, stderr} = await running
  await proxy.close()
  const seconds = (performance.now() - begun) / 1000
  if (exists) await ask(server.url('postgres'), `drop database if exists ${database} with (force)`)
  // A signal that comes before the program has begun to listen ends it, as any program.
  return {
    exitCode: exitCode ?? (seconds < killedAfterSeconds ? 130 : undefined),
    stdout,
    stderr,
    messages: proxy.messages,
    seconds,
  }
}

/** By its arguments, so that both tests of a command use the same. */
const measured = new Map<string, Promise<number[]>>()

function boundariesOf(command: (typeof commands)[number]): Promise<number[]> {
  const key = command.argv.join(' ')
  const boundaries = measured.get(key) ?? measureBoundaries(command)
  measured.set(key, boundaries)
  return boundaries
}

/** Boundaries spread over all messages of a command: the first, the last, and some between. */
async function measureBoundaries(command: (typeof commands)[number]): Promise<number[]> {
  const {messages, exitCode, stderr} = await stalled(command, Infinity, {timeoutSeconds: 10})
  expect([0, 5, 6, 9], stderr).toContain(exitCode)
  const last = messages - 1
  const count = Math.min(moments, last)
  return [...new Set(Array.from({length: count}, (_, index) => Math.round((index * last) / Math.max(1, count - 1))))]
}

async function forAll<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({length: parallel}, worker))
}

describe.concurrent('a server that stops talking', () => {
  it.each(commands)('$argv ends by itself at every message', async (command) => {
    const boundaries = await boundariesOf(command)
    await forAll(boundaries, async (messages) => {
      const {exitCode, stdout, stderr, seconds} = await stalled(command, messages, {timeoutSeconds: 1})
      const said = `after ${messages} of ${boundaries.at(-1)} messages, ${seconds} s, exit ${exitCode}:\n${stdout}${stderr}`
      // The last messages are those that close the session: by then the work may be done.
      expect([0, 4, 5, 6, 9], said).toContain(exitCode)
      expect(stderr, said).not.toContain('A bug in cruddur-db')
    })
  })

  it.each(commands)('$argv ends with one signal at every message', async (command) => {
    const boundaries = await boundariesOf(command)
    await forAll(boundaries, async (messages) => {
      const signal = messages % 2 === 0 ? 'SIGINT' : 'SIGTERM'
      const {exitCode, stderr, seconds} = await stalled(command, messages, {timeoutSeconds: 20, signal})
      const said = `${signal} after ${messages} messages, ${seconds} s, exit ${exitCode}:\n${stderr}`
      expect([0, 4, 5, 6, 9, 130], said).toContain(exitCode)
      expect(stderr, said).not.toContain('A bug in cruddur-db')
    })
  })
})

it('is not taken for one while a statement runs for longer than the time limit', async () => {
  const url = `${server.url('postgres')}?connect_timeout=1`
  const result = await cli(['connect', '--', '-c', 'select pg_sleep(4)'], {env: {CONNECTION_URL: url, PATH: folder}})
  expect(result).toMatchObject({exitCode: 0})
})
