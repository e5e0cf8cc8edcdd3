import {ConnectionError, errorCode, SqlError} from '../errors.js'
import {endsSession, sqlFailure} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {LineColumn} from '../sql-text/search.js'
import type {ScriptFile} from './batch.js'
import {type Place, readLine} from './place.js'

/** SQLSTATEs of statements that fail only in a transaction block, for example COMMIT in a procedure, or use of a new enum value. */
const needsNoTransaction = new Set(['25001', '2D000', '55P04'])

/** Whether a statement has failed only because it was in a transaction. */
export function cannotBeInTransaction(error: unknown): boolean {
  return needsNoTransaction.has(errorCode(error) ?? '')
}

/** Adds the location in the file to an error of the server. Other errors are returned unchanged. */
export async function failureOfStatement(
  error: unknown,
  script: ScriptFile,
  at: LineColumn,
  next: string[],
): Promise<unknown> {
  const failure = sqlFailure(error)
  if (!(failure instanceof SqlError) || endsSession(error)) return error
  return new SqlError(failure.message, {
    code: failure.code,
    next: [...failure.next, ...next],
    details: {...failure.details, place: await placeOf(script, at)},
    cause: error,
  })
}

/** The location with the text of its line and the including files. */
export async function placeOf(
  {name, path, content, encodings, includedFrom}: ScriptFile,
  {line, column}: LineColumn,
): Promise<Place> {
  const text = withoutPassword(await readLine({path, content}, line, encodings))
  return {file: name, line, column, text, includedFrom}
}

/** A `\\connect` may have a password, which is not shown. */
function withoutPassword(text: string): string {
  if (!/\\c(?:onnect)?\s/.test(text)) return text
  return text.replace(/(:\/\/[^\s:@/]*):\S*@/g, '$1:***@').replace(/(password\s*=).*/i, '$1***')
}

/**
 * The line of COPY data in an error. It is only in the context `COPY table, line 3, …`, and the word for "line" depends on
 * the server's language.
 */
export function rowOfCopy(error: unknown): number | undefined {
  const where = typeof error === 'object' && error !== null && 'where' in error ? String(error.where) : ''
  const line = /^COPY .*?, [^\d\n,]+ (\d+)/m.exec(where)?.[1]
  return line === undefined ? undefined : Number(line)
}

/** The error for a lost connection, with advice about the work that was sent on it. */
export function lostWith({host, port}: PostgresClient, code: string, next: string[], cause: unknown): ConnectionError {
  return new ConnectionError(`The connection to ${host}:${port} was lost.`, {
    code,
    next: ["Check the server's log.", ...next],
    details: {host, port},
    cause,
  })
}
