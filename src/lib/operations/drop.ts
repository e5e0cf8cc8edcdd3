import {dropDatabase, refuseWhileInUse} from '../postgres/databases.js'
import {refuseServerDatabase} from '../target/protection.js'
import {withClaimedServer} from './claim-target.js'
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
 * @throws StateError (`database_in_use`) with `details.sessions`, RefusedError (`server_database`, `not_confirmed`)
 */
export async function drop({force = false}: DropOptions, context: OperationContext): Promise<DropResult> {
  refuseServerDatabase(context.target)
  const {database} = context.target.url
  return withClaimedServer({guarded: true}, context, async (client) => {
    if (!force) await refuseWhileInUse(client, database)
    return {database, dropped: await dropDatabase(client, database, {force})}
  })
}
