import {ConfigurationError, SqlError, StateError} from '../errors.js'
import type {Opening} from './modes.js'
import type {LineColumn} from './search.js'

/** An error in a script that this program finds, not the server. `details.place` is the location. */
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

/** The error for a script that ends inside a quote, comment or COPY; `place` is where that began. */
export function unterminated(file: string, opening: Opening | 'COPY data', place: LineColumn): SqlError {
  const isCopy = opening === 'COPY data'
  const what = isCopy ? 'in the data of the COPY that begins here' : `inside the ${opening} that begins here`
  const close = isCopy ? 'End the data with a line that has \\. and nothing else' : `Close the ${opening}`
  return scriptError(
    'script_unterminated',
    `The file ends ${what}.`,
    file,
    place,
    `${close}. If the file is not complete, get it again.`,
    {opening},
  )
}

/**
 * The error for bytes that Postgres accepts in no text; `offset` is the position in the file, from 0. It is a
 * ConfigurationError, because the file cannot be read.
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
    const next = ['Remove the byte. If it is a dump in the custom format, load it with pg_restore.']
    return new ConfigurationError(`${file} has a NUL byte at byte ${offset}, and Postgres accepts no NUL bytes.`, {
      code: 'script_nul_byte',
      next,
      details,
    })
  }
  const next = [`Save the file as UTF-8${utf16 ? ' (it looks like UTF-16)' : ''}. For pg_dump: --encoding=UTF8`]
  return new ConfigurationError(`${file} is not UTF-8: at byte ${offset} it has ${hex}.`, {
    code: 'script_not_utf8',
    next,
    details,
  })
}

/** The error for text after COPY … FROM STDIN on the same line, which psql would run after the data. */
export function gluedToCopy(file: string, place: LineColumn): SqlError {
  const next = 'Put the text on its own line after the data.'
  return scriptError('script_copy_line', 'No text may follow COPY … FROM STDIN on the same line.', file, place, next)
}

/** The error for a file that changes its encoding again, after text that cannot be read again. */
export function secondEncoding(file: string, place: LineColumn): SqlError {
  const next =
    'Write nothing after the statement on its line, or save the file as UTF-8 and remove the lines that set an encoding.'
  return scriptError('script_encoding', 'The encoding of a file cannot be changed again here.', file, place, next)
}

/** The error for files that need several transactions in one session, which a pooler does not keep. */
export function sessionNeeded(): StateError {
  return new StateError(
    'Through a pooler, files can only run in one transaction, because a pooler does not keep settings between transactions. Nothing was changed.',
    {
      code: 'pooled_session',
      next: [
        'Use the URL of the server itself, not of the pooler.',
        'Or remove BEGIN and COMMIT from the files, and do not use --no-transaction.',
      ],
    },
  )
}

/** The error for files that end inside their own transaction, which is rolled back. */
export function leftOpen(file: string, committedBefore: boolean): SqlError {
  const undone = committedBefore
    ? 'Everything after its last BEGIN was rolled back; what it committed before is kept.'
    : 'Nothing was changed.'
  const message = `The file has a BEGIN without a COMMIT. ${undone}`
  return scriptError('script_open_transaction', message, file, {line: 1, column: 1}, 'End the file with COMMIT;')
}
