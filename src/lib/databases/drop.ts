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

export interface DropResult {
  database: string
  /** False if the database did not exist, which is not an error. */
  dropped: boolean
  /** The undo copies that still exist. */
  kept: KeptDatabase[]
  /** Whether `undo` can restore one: after a drop it trusts only copies that the role itself owns. */
  undoable: boolean
}

export interface DropOptions {
  /** Ends connected sessions. Without it, drop fails if there are any. */
  force?: boolean
  /** Also drops the undo copies. */
  discardUndo?: boolean
}

/** Describes what {@link drop} will do, for the guard. */
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
 * Drops the target's database if no one is connected to it. With `force` the server itself ends the sessions and lets no
 * new ones in (https://www.postgresql.org/docs/current/sql-dropdatabase.html).
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
    // The undo copies are recognized by the owner of the database, so they must be found before the drop.
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
