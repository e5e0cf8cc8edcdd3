import {SqlError} from '../errors.js'
import {endsSession, sqlFailure, sqlStateOf} from '../postgres/connect/failures.js'
import {StatementsError} from '../postgres/wire/script-wire.js'

/**
 * SQLSTATEs of errors whose first line names tables, columns and constraints, and no value of a row: constraints, syntax and
 * names, resources, what the server can do (https://www.postgresql.org/docs/current/errcodes-appendix.html). Those of
 * conversions (22) and of functions (P0, 38, 39) quote values.
 */
const withoutValues = /^(?:0A|23|25|28|40|42|53|54|55|57|58)/

/**
 * An error on rows of a source, with no value of them: they must not be in messages, logs or with DEBUG. So its detail,
 * context and cause are left out. `about` begins the sentence. Errors of connections are returned as they are.
 */
export function hidden(error: unknown, about: string, next: string[] = []): unknown {
  const found = error instanceof StatementsError ? error.error : error
  const original = found instanceof SqlError && sqlStateOf(found.cause) !== undefined ? found.cause : found
  const code = sqlStateOf(original)
  if (code === undefined || endsSession(original)) return found
  const failure = sqlFailure(original)
  const text =
    withoutValues.test(code) && failure instanceof SqlError
      ? failure.message
      : `SQLSTATE ${code}. Its message could show values of rows.`
  return new SqlError(`${about}: ${text}`, {code, next, details: {sqlstate: code}})
}
