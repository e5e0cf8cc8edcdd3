import {ConnectionError, errorCode, SqlError} from '../errors.js'
import {endsSession, sqlFailure} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {ScriptFile} from './batch.js'
import {type Place, readLine} from './place.js'
import type {LineColumn} from './search.js'

/** SQLSTATEs of what cannot be done in a transaction block: most of them, COMMIT in a procedure, a new enum value's use. */
const needsNoTransaction = new Set(['25001', '2D000', '55P04'])

/** Whether a statement has failed for no other reason than the transaction that it was in. */
export function cannotBeInTransaction(error: unknown): boolean {
  return needsNoTransaction.has(errorCode(error) ?? '')
}

/** What the server refused, with its place in the file; what is not a statement's fault is returned as it is. */
export async function statementFailure(
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

/** The place with its line's text and the files that include it. */
export async function placeOf(script: ScriptFile, {line, column}: LineColumn): Promise<Place> {
  return {file: script.name, line, column, text: await readLine(script.path, line), includedFrom: script.includedFrom}
}

/**
 * The line of the data that the server was at, from its context `COPY table, line 3, …`: no field of its own has it.
 * The word for "line" is in the server's language, so it is not looked at.
 */
export function rowOfCopy(error: unknown): number | undefined {
  const where = typeof error === 'object' && error !== null && 'where' in error ? String(error.where) : ''
  const line = /^COPY .*?, [^\d\n,]+ (\d+)/m.exec(where)?.[1]
  return line === undefined ? undefined : Number(line)
}

/** The error of a connection that was lost, and what has become of the work that was sent on it. */
export function lostWith({host, port}: PostgresClient, code: string, next: string[], cause: unknown): ConnectionError {
  return new ConnectionError(`The connection to ${host}:${port} was lost.`, {
    code,
    next: ["Look into the server's log.", ...next],
    details: {host, port},
    cause,
  })
}
