import type {PostgresClient} from '../connect/postgres-client.js'

/**
 * Resets a session from inside a transaction, where DISCARD ALL is not allowed
 * (https://www.postgresql.org/docs/current/sql-discard.html), because a pooler gives the session to others afterwards.
 */
export async function forgetSession(client: PostgresClient): Promise<void> {
  await client.query(
    'close all; unlisten *; discard temp; discard sequences; set session authorization default; reset all; select pg_advisory_unlock_all()',
  )
}
