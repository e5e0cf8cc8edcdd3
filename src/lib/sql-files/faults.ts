import {ConfigurationError, SqlError, StateError} from '../errors.js'
import type {Opening} from './lexer.js'
import type {LineColumn} from './search.js'

/** An error of a script that this side finds; `details.place` says where. */
export function scriptError(
  code: string,
  message: string,
  file: string,
  {line, column}: LineColumn,
  next: string,
  details: Record<string, unknown> = {},
): SqlError {
  return new SqlError(message, {code, next: [next], details: {...details, place: {file, line, column, text: ''}}})
}

/** The error of a script that ends where it may not; `place` is where that which is open began. */
export function unterminated(file: string, opening: Opening | 'COPY data', place: LineColumn): SqlError {
  const isCopy = opening === 'COPY data'
  const what = isCopy ? 'in the data of the COPY that begins here' : `inside the ${opening} that opens here`
  const close = isCopy ? 'End the data with a line that is \\. alone' : `Close the ${opening}`
  return scriptError(
    'script_unterminated',
    `The file ends ${what}.`,
    file,
    place,
    `${close}; if the file was cut short, get it whole again.`,
    {opening},
  )
}

/**
 * The error of bytes that Postgres takes in no text; `offset` is the byte's, from 0, in the file. It is the file that
 * cannot be read, not a statement that failed.
 */
export function faultInText(
  file: string,
  fault: 'nul' | 'utf8',
  place: LineColumn,
  offset: number,
  bytes: Buffer,
): ConfigurationError {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const utf16 = offset === 0 && /^(ff fe|fe ff)/.test(hex)
  const details = {byte: offset, place: {file, ...place, text: ''}}
  if (fault === 'nul') {
    const next = ['Remove the byte; a dump in the custom format is loaded by pg_restore.']
    return new ConfigurationError(`${file} has a NUL byte, at byte ${offset}, which no Postgres text can hold.`, {
      code: 'script_nul_byte',
      next,
      details,
    })
  }
  const next = [
    `Save the file as UTF-8${utf16 ? '; it looks like UTF-16' : ''}. pg_dump writes it with --encoding=UTF8.`,
  ]
  return new ConfigurationError(`${file} is not UTF-8: at byte ${offset} it has ${hex}.`, {
    code: 'script_not_utf8',
    next,
    details,
  })
}

/** The error of a line that goes on after COPY … FROM STDIN: psql would run what follows after the data. */
export function gluedToCopy(file: string, place: LineColumn): SqlError {
  const next = 'Put what follows it on a line of its own, after the data.'
  return scriptError('script_copy_line', 'Nothing may follow COPY … FROM STDIN on its line.', file, place, next)
}

/** What needs a session for more than a transaction, where only a transaction keeps one. */
export function sessionNeeded(): StateError {
  return new StateError(
    'Through a pooler files are run in one transaction: between several, settings of the session are lost or become those of others.',
    {
      code: 'pooled_session',
      next: [
        'Name the server itself in the URL instead of the pooler.',
        'Or take BEGIN and COMMIT out of the files, and do without --no-transaction.',
      ],
    },
  )
}

/** The error of files that end inside a transaction of their own, which is rolled back. */
export function leftOpen(file: string, committedBefore: boolean): SqlError {
  const undone = committedBefore
    ? 'what came after its last BEGIN was rolled back, what it committed before stays'
    : 'nothing of it was stored'
  const message = `The file ends inside a transaction of its own: ${undone}.`
  return scriptError('script_open_transaction', message, file, {line: 1, column: 1}, 'End the file with COMMIT;')
}
