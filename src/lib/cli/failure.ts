import {stripVTControlCharacters} from 'node:util'
import {CruddurError, exitCodes, UsageError} from '../errors.js'
import {isReplaced, lacksFile, programReplaced} from '../package-root.js'
import {showControls} from '../text/controls.js'
import type {Style} from '../text/style.js'
import {hint} from './hints.js'
import type {ListedCommand} from './manifest.js'
import {flagMeant} from './suggestions.js'
import {usageSentence} from './usage-sentence.js'

/** Anything thrown that is not one of our error classes: a bug in this program. */
class InternalError extends CruddurError {
  readonly exitCode = exitCodes.bug
}

/** Turns anything thrown into one of our errors: oclif's errors become usage errors, and the rest are bugs. */
export function asFailure(error: unknown, commandId?: string): CruddurError {
  if (error instanceof CruddurError) return error
  if (lacksFile(error)) return programReplaced(error)
  if (isOclifs(error)) {
    const [text = ''] = stripVTControlCharacters(error.message).split('\nSee more help')
    // oclif puts each error of a list on a line of its own.
    const message = text
      .trim()
      .replace(/:\s*\n\s*/g, ': ')
      .replace(/\s*\n\s*/g, ', ')
      .replace(/ {2,}/g, ' ')
    return usageFailure(message, commandId, {cause: error, meant: meantBy(error, commandId)})
  }

  // An update during the run may have mixed files of two versions, which can fail in any way.
  if (isReplaced()) return programReplaced(error)
  const message = error instanceof Error ? error.message : 'a value that is not an error was thrown'
  return new InternalError(`A bug in cruddur-db: ${redact(message)}`, {
    code: 'bug',
    next: ['To report it, run the command again with DEBUG=1 and send what it prints.'],
    cause: error,
  })
}

/** An error in a command's flags or arguments, with the likely correction if there is one, and the help command. */
export function usageFailure(
  message: string,
  commandId?: string,
  {cause, meant: suggestion}: {cause?: unknown; meant?: string} = {},
): UsageError {
  const help = hint(commandId === undefined ? '--help' : `${commandId} --help`)
  return new UsageError(redact(usageSentence(message)), {
    code: 'usage',
    next: [...(suggestion === undefined ? [] : [suggestion]), help],
    cause,
  })
}

/** Suggests a flag of the command for an unknown one. */
function meantBy(error: Error, id: string | undefined): string | undefined {
  const {flags, parse} = error as {flags?: unknown; parse?: {input?: {flags?: ListedCommand['flags']}}}
  const known = parse?.input?.flags
  if (id === undefined || known === undefined || !Array.isArray(flags)) return undefined
  return flagMeant(flags as string[], {
    id,
    flags: Object.fromEntries(Object.entries(known).map(([name, flag]) => [name, {...flag, name}])),
  })
}

/** Whether oclif threw the error. This does not use oclif's classes, because loading them takes time. */
function isOclifs(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error
}

/** How {@link renderFailure} writes. */
export interface FailureStyle {
  style: Style
  /** The advice, if there is more than the failure's own. */
  advice?: readonly string[]
  /** Lines between the sentence and the advice. */
  details?: string[]
}

/** Renders a failure for a terminal. */
export function renderFailure(
  failure: CruddurError,
  {style, advice = failure.next, details = []}: FailureStyle,
): string {
  const {message, details: facts, step} = failure
  const where = step === undefined ? '' : `${step}: `
  // The server's detail and hint are in the advice too, for readers of the JSON document.
  const next = advice.filter((line) => line !== facts['detail'] && line !== facts['hint'])
  const lines = [`${style.red.bold('Error:')} ${showControls(where + message)}`, ...details]
  lines.push(...next.map((line) => `  ${showControls(line)}`))
  if (process.env['DEBUG'] && failure.exitCode !== exitCodes.usage) lines.push(renderStack(failure))
  return lines.join('\n')
}

function renderStack(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const cause = error.cause === undefined ? '' : `\nCaused by: ${renderStack(error.cause)}`
  return redact(`${showControls(error.stack ?? error.message)}${cause}`)
}

/** A last safeguard: masks anything that looks like a password in a URL. */
function redact(text: string): string {
  return text.replace(/(\w+:\/\/[^\s:@/]*):[^\s@]*@/g, '$1:***@').replace(/(\w+:\/\/[^\s:@/]*):\S*/g, '$1:***')
}
