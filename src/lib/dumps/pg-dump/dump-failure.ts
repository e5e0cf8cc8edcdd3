import {type CruddurError, SqlError, StateError} from '../../errors.js'
import {sqlState, statementFailure, sqlStateOf} from '../../postgres/connect/failures.js'
import type {RawAnswer} from '../../postgres/wire/raw-exchange.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'

/** How long pg_dump waits for the locks of other sessions. It locks each table against changes of its columns. */
export const lockWaitSeconds = 30

/**
 * The error for a pg_dump that has failed. `refused` is the server's last error, and `text` is what pg_dump has written to
 * stderr.
 */
export function dumpFailure(text: string, refused: RawAnswer['error'], url: ConnectionUrl): Error {
  if (sqlStateOf(refused) === sqlState.queryCanceled) return blocked(refused)
  if (refused !== undefined) return statementFailure(refused, url) as Error
  const [, said = text] = /\berror: (.*?)(?:\n\S+: (?:detail|hint): .*)?$/s.exec(text) ?? []
  return new SqlError(`The schema cannot be read: ${said}`, {code: 'dump_failed'})
}

function blocked(cause: unknown): CruddurError {
  return new StateError(`Other sessions have locked tables for more than ${lockWaitSeconds} s.`, {
    code: 'tables_locked',
    next: ['Try again when they have finished.'],
    cause,
  })
}
