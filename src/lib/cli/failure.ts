import {stripVTControlCharacters} from 'node:util'
import {CruddurError, exitCodes, UsageError} from '../errors.js'
import {isReplaced, lacksFile, programReplaced} from '../package-root.js'
import type {Style} from '../text/style.js'
import {typeable} from './hints.js'
import type {ListedCommand} from './manifest.js'
import {flagMeant} from './suggestions.js'
import {usageSentence} from './usage-sentence.js'

/** A failure that is a bug of ours: whatever was thrown without being one of our errors. */
class InternalError extends CruddurError {
  readonly exitCode = exitCodes.bug
}

/** What went wrong, as one of our errors: oclif's complaints are usage errors, the unexpected is a bug of ours. */
export function asFailure(error: unknown, commandId?: string): CruddurError {
  if (error instanceof CruddurError) return error
  if (lacksFile(error)) return programReplaced(error)
  if (isOclifs(error)) {
    const [text = ''] = stripVTControlCharacters(error.message).split('\nSee more help')
    // One sentence: a list of complaints has a line for each.
    const message = text
      .trim()
      .replace(/:\s*\n\s*/g, ': ')
      .replace(/\s*\n\s*/g, ', ')
      .replace(/ {2,}/g, ' ')
    return usageFailure(message, commandId, {cause: error, meant: meantBy(error, commandId)})
  }

  // Files of two versions may meet in any failure.
  if (isReplaced()) return programReplaced(error)
  const message = error instanceof Error ? error.message : 'something that is not an error was thrown'
  return new InternalError(`A bug in cruddur-db: ${redact(message)}`, {
    code: 'bug',
    next: ['Run it again with DEBUG=1 for the stack, and report both.'],
    cause: error,
  })
}

/** A complaint about a command's flags or arguments; the way out is what was meant, where that is known, or its help. */
export function usageFailure(
  message: string,
  commandId?: string,
  {cause, meant}: {cause?: unknown; meant?: string} = {},
): UsageError {
  const help = commandId === undefined ? 'cruddur-db --help' : `cruddur-db ${commandId} --help`
  return new UsageError(redact(usageSentence(message)), {
    code: 'usage',
    next: [...(meant === undefined ? [] : [meant]), help],
    cause,
  })
}

/** What was meant by a flag that oclif does not find among those of the command. */
function meantBy(error: Error, id: string | undefined): string | undefined {
  const {flags, parse} = error as {flags?: unknown; parse?: {input?: {flags?: ListedCommand['flags']}}}
  const known = parse?.input?.flags
  if (id === undefined || known === undefined || !Array.isArray(flags)) return undefined
  return flagMeant(flags as string[], {
    id,
    flags: Object.fromEntries(Object.entries(known).map(([name, flag]) => [name, {...flag, name}])),
  })
}

/** Whether oclif complains, of a flag say; asked without its class, so that this needs nothing of oclif. */
function isOclifs(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error
}

/** How {@link renderFailure} writes. */
export interface FailureStyle {
  style: Style
  /** The name of the target, for advice. */
  target?: string | undefined
  /** What it is about, as lines between the sentence and the advice. */
  details?: string[]
}

/** The failure as a terminal shows it: one sentence, what it is about, what to do next. */
export function renderFailure(failure: CruddurError, {style, target, details = []}: FailureStyle): string {
  const {message, next, step} = failure
  const where = step === undefined ? '' : `${step}: `
  const lines = [`${style.red.bold('Error:')} ${where}${message}`]
  lines.push(...details)
  lines.push(...next.map((line) => `  ${typeable(line, target)}`))
  if (process.env['DEBUG'] && failure.exitCode !== exitCodes.usage) lines.push(renderStack(failure))
  return lines.join('\n')
}

function renderStack(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const cause = error.cause === undefined ? '' : `\nCaused by: ${renderStack(error.cause)}`
  return redact(`${error.stack ?? error.message}${cause}`)
}

/** The last net: whatever looks like a URL's password goes, should a message have carried one. */
function redact(text: string): string {
  return text.replace(/(\w+:\/\/[^\s:@/]*):[^\s@]*@/g, '$1:***@').replace(/(\w+:\/\/[^\s:@/]*):\S*/g, '$1:***')
}
