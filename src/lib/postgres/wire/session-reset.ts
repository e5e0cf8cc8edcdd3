import type {PostgresClient} from '../connect/postgres-client.js'

const leaveNothing =
  'close all; unlisten *; discard temp; discard sequences; set session authorization default; reset role; reset all'

/**
 * Resets a session from inside a transaction, where DISCARD ALL is not allowed
 * (https://www.postgresql.org/docs/current/sql-discard.html), because a pooler gives the session to others afterwards.
 */
export async function forgetSession(client: PostgresClient): Promise<void> {
  await client.query(`${leaveNothing}; select pg_advisory_unlock_all()`)
}

/** Resets a session, but keeps its advisory locks. */
export async function forgetAllButLocks(client: PostgresClient): Promise<void> {
  await client.query(leaveNothing)
}
