import {StateError} from '../errors.js'
import {listSessions, type Session} from '../postgres/catalog.js'
import type {PostgresClient} from '../postgres/client.js'
import {detailOf, sqlState, sqlStateOf} from '../postgres/failures.js'
import {escapeIdentifier} from '../postgres/identifier.js'
import {withMaintenanceClient} from '../postgres/maintenance.js'
import {refuseServerDatabase} from '../target/protection.js'
import type {OperationContext} from './context.js'

/** What `drop` did. */
export interface DropResult {
  database: string
  /** False where there was no such database, which is no error. */
  dropped: boolean
}

/** What {@link drop} takes. */
export interface DropOptions {
  /** Ends the sessions that are connected; without it they make the drop fail. */
  force?: boolean
}

/**
 * Drops the target's database if no one is connected to it. With `force` the server ends the sessions itself while it
 * keeps new ones out (https://www.postgresql.org/docs/current/sql-dropdatabase.html), so no client can slip back in.
 * @throws StateError (`database_in_use`) with `details.sessions`, RefusedError (`server_database`)
 */
export async function drop({force = false}: DropOptions, {target, signal}: OperationContext): Promise<DropResult> {
  refuseServerDatabase(target)
  const {database} = target.url
  return withMaintenanceClient(target.url, {signal}, async (client) => {
    if (!force) await refuseWhileInUse(client, database)
    try {
      await client.query(`drop database ${escapeIdentifier(database)}${force ? ' with (force)' : ''}`)
      return {database, dropped: true}
    } catch (error) {
      const state = sqlStateOf(error)
      if (state === sqlState.missingDatabase) return {database, dropped: false}
      if (state !== sqlState.objectInUse) throw error
      await refuseWhileInUse(client, database)
      throw heldOtherwise(database, error)
    }
  })
}

async function refuseWhileInUse(client: PostgresClient, database: string): Promise<void> {
  const sessions: Session[] = await listSessions(client, {database, workers: false})
  if (sessions.length === 0) return
  const who = sessions.length === 1 ? '1 session is' : `${sessions.length} sessions are`
  throw new StateError(`"${database}" was not dropped: ${who} connected to it.`, {
    code: 'database_in_use',
    next: ['Close them, or end them with --force.'],
    details: {database, sessions},
  })
}

/** Prepared transactions and logical replication slots hold a database too, and no force ends them. */
function heldOtherwise(database: string, cause: unknown): StateError {
  return new StateError(`"${database}" was not dropped: the server holds it in use. ${detailOf(cause)}`.trim(), {
    code: 'database_held',
    next: ['See pg_prepared_xacts, pg_replication_slots and pg_subscription.'],
    details: {database},
    cause,
  })
}
