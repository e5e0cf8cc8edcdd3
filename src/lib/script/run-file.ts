import {SqlError} from '../errors.js'
import type {PostgresClient} from '../postgres/client.js'
import {errorPosition, sqlFailure} from '../postgres/failures.js'
import {offsetOfPosition, type Place, placeAt} from './sql-file.js'

/**
 * Runs a file's text in one transaction: all of it or nothing. COMMIT is sent only after everything was answered, so
 * that an interruption before it leaves nothing behind.
 * @throws SqlError with `details.place` where the server named a position
 */
export async function runSqlText(client: PostgresClient, file: string, text: string): Promise<void> {
  await client.query('begin')
  try {
    await client.query(text)
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw withPlace(error, file, text)
  }

  await client.query('commit')
}

function withPlace(error: unknown, file: string, text: string): unknown {
  const failure = sqlFailure(error)
  const position = errorPosition(error)
  if (!(failure instanceof SqlError) || position === undefined) return error
  const place: Place = placeAt(file, text, offsetOfPosition(text, position))
  const {code, next, details, cause} = failure
  return new SqlError(failure.message, {code, next: [...next], details: {...details, place}, cause})
}
