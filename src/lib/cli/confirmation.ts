import {createInterface} from 'node:readline'
import type {Risk} from '../access/context.js'
import type {Effect} from '../access/effect.js'
import {InterruptedError, RefusedError} from '../errors.js'
import type {DatabaseContents} from '../postgres/catalog/catalog.js'
import {renderSessions} from '../sessions/table.js'
import {confirmationOf} from '../targets/protection.js'
import type {Target} from '../targets/target.js'
import {showControls} from '../text/controls.js'
import {formatBytes} from '../text/format.js'
import {styleOf} from '../text/style.js'
import {suspendJob} from '../text/suspend.js'
import {wrapWords} from '../text/wrap-words.js'
import {listTables, needsAlone, sentenceOf, touchesContents} from './effect-words.js'

export interface ConfirmOptions {
  /** The value of `--confirm`. */
  words: string | undefined
  /** Whether the user may be asked, if there is a terminal. */
  interactive: boolean
  interruption: AbortController
  remark: (line: string) => void
}

const reasons: Record<Risk['protection'], string> = {
  name: 'every target except local is protected',
  'managed host': 'its host is a managed database service',
  'public host': 'its host is neither this machine nor in a private network',
  mark: 'cruddur-db protect has marked it',
  'foreign mark': 'cruddur-db protect marked it on another server, or before an upgrade',
  rows: 'its tables hold rows',
}

/**
 * Shows what would be lost, and returns only if the target's `database@host` was given with `--confirm` or typed at the
 * prompt. No environment variable can confirm, so that a script cannot confirm by accident.
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
      : `${losing.file} drops or truncates ${listTables(losing.losing ?? [])}`
  const asks = canAsk(options)
  if (losing === undefined) remark(`${what}: ${reasons[protection]}.`)
  else if (asks || words === expected) remark(`${what}.`)
  if (losing === undefined) emphasize(sentenceOf(risk))
  if (contents !== undefined && touchesContents(effect)) for (const line of describeLoss(contents, effect)) remark(line)
  if (sessions !== undefined)
    process.stderr.write(`${renderSessions(sessions, process.stderr.columns, styleOf('stderr'))}\n`)
  const given = asks ? await askFor(expected, interruption) : words
  if (given === expected) return
  // The tables were listed before the question.
  const refused = losing !== undefined && asks ? 'This was not confirmed.' : `${what}, and this was not confirmed.`
  throw new RefusedError(`${refused} Nothing was changed.`, {
    code: 'not_confirmed',
    next: [`To confirm, add: ${losing === undefined ? '' : '--force or '}--confirm ${quotedForShell(expected)}`],
    details: {confirm: expected, protection, effect, exists, contents, ending: sessions, tables: losing?.losing},
  })
}

/** Prints in bold what the command is about to do. */
function emphasize(sentence: string): void {
  const {isTTY, columns} = process.stderr
  const text = showControls(sentence)
  const lines = isTTY && columns ? wrapWords(text, columns) : [text]
  process.stderr.write(`${styleOf('stderr').bold(lines.join('\n'))}\n`)
}

/**
 * Refuses a `--confirm` that names another database, even if no confirmation is needed: a script may have used an empty
 * variable, for example.
 * @throws RefusedError (`confirmation_differs`)
 */
export function refuseOtherWords(target: Target, words: string | undefined): void {
  const expected = confirmationOf(target)
  if (words === undefined || words === expected) return
  throw new RefusedError(`--confirm ${words === '' ? "''" : words} does not name this database. Nothing was changed.`, {
    code: 'confirmation_differs',
    next: [`${target.name} is ${expected}. To confirm, add: --confirm ${quotedForShell(expected)}`],
    details: {confirm: expected},
  })
}

/** Whether to ask at a prompt: `--confirm` was not given, and a terminal is attached. */
export function canAsk({words, interactive}: Pick<ConfirmOptions, 'words' | 'interactive'>): boolean {
  return words === undefined && interactive && process.stdin.isTTY && process.stderr.isTTY
}

function describeLoss({version, bytes, tables, connected}: DatabaseContents, effect: Effect): string[] {
  const stopped = connected.length > 0 && needsAlone(effect) ? '; use --force to end their sessions' : ''
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

/** Asks a second time, because the words are long. Blanks around them, as from a paste, do not matter. */
async function askFor(expected: string, interruption: AbortController): Promise<string> {
  const prompt = createInterface({input: process.stdin, output: process.stderr})
  let tries = 0
  return new Promise<string>((resolve, reject) => {
    const end = (answer: string): void => {
      prompt.removeAllListeners('close').close()
      resolve(answer)
    }
    prompt.on('SIGTSTP', () => suspendJob(() => prompt.prompt(true)))
    prompt.once('SIGINT', () => {
      interruption.abort(new InterruptedError())
      reject(new InterruptedError())
      prompt.close()
    })
    // After Ctrl-D or Ctrl-C the cursor is still on the prompt's line.
    prompt.once('close', () => {
      process.stderr.write('\n')
      resolve('')
    })
    prompt.on('line', (line) => {
      const answer = line.trim()
      tries += 1
      if (answer === expected || answer === '' || tries === 2) return end(answer)
      prompt.setPrompt(`That is not it. Type ${expected}: `)
      prompt.prompt()
    })
    prompt.setPrompt(`To confirm, type ${expected}: `)
    prompt.prompt()
  })
}

function quotedForShell(text: string): string {
  return /^[\w@.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
