import type {PostgresClient} from '../connect/postgres-client.js'

/**
 * Leaves a session as it began, from within a transaction, where DISCARD ALL may not be
 * (https://www.postgresql.org/docs/current/sql-discard.html): for one that goes to others afterwards.
 */
export async function forgetSession(client: PostgresClient): Promise<void> {
  await client.query(
    'close all; unlisten *; discard temp; discard sequences; set session authorization default; reset all; select pg_advisory_unlock_all()',
  )
}
