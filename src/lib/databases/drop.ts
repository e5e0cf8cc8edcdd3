import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {despiteLoss, withLockedServer} from '../access/lock-target.js'
import {databaseSizes} from '../postgres/catalog/catalog.js'
import {databaseChanged, dropDatabase, refuseWhileInUse} from '../postgres/catalog/databases.js'
import type {ServerDatabase, ServerDatabases} from '../postgres/catalog/server-databases.js'
import {refuseServerDatabase} from '../targets/protection.js'
import type {Target} from '../targets/target.js'
import {discard, removeLeftovers, stillThere} from './discard.js'
import {ownDatabases} from './own-databases.js'
import {type KeptDatabase, keptFrom} from './undo.js'

/** What `drop` did. */
export interface DropResult {
  database: string
  /** False where there was no such database, which is no error. */
  dropped: boolean
  /** What is still kept for undo. */
  kept: KeptDatabase[]
  /** Whether `undo` can bring one back: once the database is gone, it trusts only copies that the role itself owns. */
  undoable: boolean
}

/** What {@link drop} takes. */
export interface DropOptions {
  /** Ends the sessions that are connected; without it they make the drop fail. */
  force?: boolean
  /** Drops what is kept for undo, too. */
  discardUndo?: boolean
}

/** What {@link drop} will do to the target. */
export function dropWork({force = false, discardUndo = false}: DropOptions, {url}: Target): Work {
  const discards = (databases: ServerDatabases): string[] =>
    ownDatabases(databases, url.database, 'kept').map(({name}) => name)
  return {
    effect: ({databases}) => ({
      kind: 'drop',
      discards: discardUndo ? (databases === undefined ? null : discards(databases)) : [],
      force,
    }),
  }
}

/**
 * Drops the target's database if no one is connected to it. With `force` the server ends the sessions itself while it
 * keeps new ones out (https://www.postgresql.org/docs/current/sql-dropdatabase.html), so no client can slip back in.
 * @throws StateError (`database_in_use`) with `details.sessions`, RefusedError (`server_database`, `not_confirmed`)
 */
export async function drop(
  {force = false, discardUndo = false}: DropOptions,
  context: OperationContext,
): Promise<DropResult> {
  refuseServerDatabase(context.target)
  const name = context.target.url.database
  const keptOf = (databases: ServerDatabases): ServerDatabase[] => ownDatabases(databases, name, 'kept')
  const guarded = {work: dropWork({force, discardUndo}, context.target), also: discardUndo ? keptOf : undefined}
  return withLockedServer({guarded}, context, async (server) => {
    // Its owner is known only while it is there.
    const kept = keptOf(server.databases)
    const before = server.databases.byName.get(name)
    return despiteLoss(server, async (client, databases) => {
      const now = databases.byName.get(name)
      if (now !== undefined && now.oid !== before?.oid) throw databaseChanged(name)
      if (!force && now !== undefined && now.sessions > 0) await refuseWhileInUse(client, name)
      if (now !== undefined) await dropDatabase(client, name, {force})
      await removeLeftovers(client, databases, server.context)
      const present = stillThere(kept, databases)
      const gone = discardUndo ? await discard(client, present, {force}, server.context) : []
      const left = kept.filter((database) => present.includes(database.name) && !gone.includes(database.name))
      const sizes =
        left.length === 0
          ? new Map<string, number>()
          : await databaseSizes(
              client,
              left.map((database) => database.name),
            )
      return {
        database: name,
        dropped: before !== undefined,
        kept: left.map((database) => keptFrom(database, sizes)),
        undoable: left.some(({owner}) => owner === databases.role),
      }
    })
  })
}
