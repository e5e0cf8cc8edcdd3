import {createInterface} from 'node:readline'
import type {Risk} from '../access/context.js'
import type {Effect} from '../access/effect.js'
import {InterruptedError, RefusedError} from '../errors.js'
import type {DatabaseContents} from '../postgres/catalog/catalog.js'
import {renderSessions} from '../sessions/table.js'
import {confirmationOf} from '../targets/protection.js'
import type {Target} from '../targets/target.js'
import {formatBytes} from '../text/format.js'
import {styleOf} from '../text/style.js'
import {wrapWords} from '../text/wrap-words.js'
import {listTables, needsAlone, sentenceOf, touchesContents} from './effect-words.js'

/** What {@link confirmRisk} takes beside the risk. */
export interface ConfirmOptions {
  /** What `--confirm` was given. */
  words: string | undefined
  /** Whether a question may be asked, where there is a terminal. */
  interactive: boolean
  interruption: AbortController
  remark: (line: string) => void
}

const reasons: Record<Risk['protection'], string> = {
  name: 'every target but local is',
  'managed host': 'its host is a managed database service',
  'public host': 'its host is neither this machine nor in a private network',
  mark: 'it was marked by cruddur-db protect',
  'foreign mark': 'it was marked by cruddur-db protect on another server, or before an upgrade',
  rows: 'its tables hold rows',
}

/**
 * Shows what there is to lose, and lets the work go on only when the target's `database@host` was given: in
 * `--confirm`, or typed at a prompt on a terminal. There is no variable that does it.
 * @throws RefusedError (`not_confirmed`)
 */
export async function confirmRisk(risk: Risk, options: ConfirmOptions): Promise<void> {
  const {target, protection, effect, contents, exists, sessions} = risk
  const {words, interruption, remark} = options
  const expected = confirmationOf(target)
  const losing = protection === 'rows' && effect.kind === 'schema:load' ? effect : undefined
  const what =
    losing === undefined
      ? `${target.name} is protected`
      : `${losing.file} drops or empties ${listTables(losing.losing ?? [])}`
  remark(losing === undefined ? `${what}: ${reasons[protection]}.` : `${what}.`)
  if (losing === undefined) emphasize(sentenceOf(risk))
  if (contents !== undefined && touchesContents(effect)) for (const line of describeLoss(contents, effect)) remark(line)
  if (sessions !== undefined) remark(renderSessions(sessions, process.stderr.columns, styleOf('stderr')))
  const given = canAsk(options) ? await askFor(expected, interruption) : words
  if (given === expected) return
  throw new RefusedError(`${what} and was not confirmed: nothing was touched.`, {
    code: 'not_confirmed',
    next: [`If you mean it, pass: ${losing === undefined ? '' : '--force or '}--confirm ${quoted(expected)}`],
    details: {confirm: expected, protection, effect, exists, contents, ending: sessions, tables: losing?.losing},
  })
}

/** The one line that must be read before the words are typed. */
function emphasize(sentence: string): void {
  const {isTTY, columns} = process.stderr
  const lines = isTTY && columns ? wrapWords(sentence, columns) : [sentence]
  process.stderr.write(`${styleOf('stderr').bold(lines.join('\n'))}\n`)
}

/**
 * Words that confirm work on another database, because a variable was empty for example, stop a command even where none are
 * needed.
 * @throws RefusedError (`confirmation_differs`)
 */
export function refuseOtherWords(target: Target, words: string | undefined): void {
  const expected = confirmationOf(target)
  if (words === undefined || words === expected) return
  throw new RefusedError(`--confirm ${words === '' ? "''" : words} does not name this database: nothing was touched.`, {
    code: 'confirmation_differs',
    next: [`${target.name} is ${expected}. If you mean it, pass: --confirm ${quoted(expected)}`],
    details: {confirm: expected},
  })
}

/** Whether the words can still be typed, since they were not passed and there is someone to type them. */
export function canAsk({words, interactive}: Pick<ConfirmOptions, 'words' | 'interactive'>): boolean {
  return words === undefined && interactive && process.stdin.isTTY && process.stderr.isTTY
}

function describeLoss({version, bytes, tables, connected}: DatabaseContents, effect: Effect): string[] {
  const stopped = connected.length > 0 && needsAlone(effect) ? '; refused while connected, without --force' : ''
  return [
    `  size       ${formatBytes(bytes)}, Postgres ${version}`,
    ...(tables.length === 0 ? [] : [`  tables     ${listTables(tables)}`]),
    `  connected  ${connected.length === 0 ? 'no one' : tally(connected)}${stopped}`,
  ]
}

function tally(names: string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} (${count})`)).join(', ')
}

async function askFor(expected: string, interruption: AbortController): Promise<string> {
  const prompt = createInterface({input: process.stdin, output: process.stderr})
  return new Promise<string>((resolve, reject) => {
    prompt.once('SIGINT', () => {
      interruption.abort(new InterruptedError())
      reject(new InterruptedError())
      prompt.close()
    })
    // Ctrl-D, and after Ctrl-C: the answer's line has no end yet.
    prompt.once('close', () => {
      process.stderr.write('\n')
      resolve('')
    })
    prompt.question(`Type ${expected} to go on: `, (answer) => {
      prompt.removeAllListeners('close').close()
      resolve(answer)
    })
  })
}

function quoted(text: string): string {
  return /^[\w@.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
