import {Errors} from '@oclif/core'
import {stripVTControlCharacters} from 'node:util'
import type {ChalkInstance} from 'chalk'
import {CruddurError, exitCodes, UsageError} from '../errors.js'
import type {Session} from '../postgres/catalog.js'
import type {Place} from '../script/sql-file.js'
import {renderSessions} from './session-table.js'

/** A failure that is a bug of ours: whatever was thrown without being one of our errors. */
class InternalError extends CruddurError {
  readonly exitCode = exitCodes.bug
}

/** What went wrong, as one of our errors: oclif's complaints are usage errors, the unexpected is a bug of ours. */
export function asFailure(error: unknown, commandId?: string): CruddurError {
  if (error instanceof CruddurError) return error
  if (error instanceof Errors.CLIError) {
    const [message = ''] = stripVTControlCharacters(error.message).split('\nSee more help')
    const help = commandId === undefined ? 'cruddur-db --help' : `cruddur-db ${commandId} --help`
    return new UsageError(redact(message.trim()), {code: 'usage', next: [help], cause: error})
  }

  const message = error instanceof Error ? error.message : 'something that is not an error was thrown'
  return new InternalError(`A bug in cruddur-db: ${redact(message)}`, {
    code: 'bug',
    next: ['Run it again with DEBUG=1 for the stack, and report both.'],
    cause: error,
  })
}

/** The failure as `--json` gives it. */
export function failureJson({code, exitCode, message, next, details, step}: CruddurError): Record<string, unknown> {
  return {code, exit_code: exitCode, message, next, ...(step === undefined ? {} : {step}), details}
}

/** The failure as a terminal shows it: one sentence, what it is about, what to do next. */
export function renderFailure(failure: CruddurError, style: ChalkInstance, width: number | undefined): string {
  const {message, next, details, step} = failure
  const where = step === undefined ? '' : `${step}: `
  const lines = [`${style.red.bold('Error:')} ${where}${message}`]
  if (isPlace(details['place'])) lines.push(renderPlace(details['place'], width))
  if (Array.isArray(details['sessions'])) lines.push('', renderSessions(details['sessions'] as Session[], width, style), '')
  lines.push(...next.map((line) => `  ${line}`))
  if (process.env['DEBUG'] && failure.exitCode !== exitCodes.usage) lines.push(renderStack(failure))
  return lines.join('\n')
}

function renderPlace({file, line, column, text}: Place, width = 120): string {
  const number = `${line} | `
  // The part of a long line around the column; a tab before it is kept, so that the caret stands right under it.
  const characters = [...text]
  const room = Math.max(20, width - number.length - 2)
  const from = characters.length <= room ? 0 : Math.max(0, column - 1 - Math.floor(room / 2))
  const shown = characters.slice(from, from + room)
  const before = shown.slice(0, column - 1 - from).map((character) => (character === '\t' ? '\t' : ' '))
  return [`  ${file}:${line}:${column}`, `  ${number}${shown.join('')}`, `  ${' '.repeat(number.length)}${before.join('')}^`].join('\n')
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

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'line' in value && 'column' in value
}
