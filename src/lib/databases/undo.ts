import type {OperationContext} from '../access/context.js'
import type {UndoCopy, Work} from '../access/effect.js'
import {despiteLoss, withLockedServer} from '../access/lock-target.js'
import {StateError} from '../errors.js'
import {databaseSizes} from '../postgres/catalog/catalog.js'
import {
  changeDatabases,
  type DatabaseChange,
  databaseChanged,
  dropDatabase,
  refuseWhileInUse,
} from '../postgres/catalog/databases.js'
import type {DatabaseMarker} from '../postgres/catalog/marker.js'
import {readServerDatabases, type ServerDatabase, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {withMaintenanceClient} from '../postgres/connect/maintenance.js'
import type {Target} from '../targets/target.js'
import {freeName, ownDatabases, unrecognizedDatabases} from './own-databases.js'

/** An undo copy: the database that a setup has replaced. */
export interface KeptDatabase {
  name: string
  /** When it was replaced, in ISO 8601. */
  at: string | undefined
  /** Its size on disk; null if the role may not read it. */
  bytes: number | null
}

export interface UndoOptions {
  /** Ends connected sessions instead of failing. */
  force?: boolean
}

export interface UndoResult {
  database: string
  /** When the restored database had been replaced, in ISO 8601. */
  at: string | undefined
  /** The name of the new undo copy; null if there was no database to swap with. */
  keptAs: string | null
}

/**
 * Describes what {@link undo} will do, for the guard.
 * @throws StateError (`nothing_kept`) from `effect`, if there is no undo copy
 */
export function undoWork({force = false}: UndoOptions, {url}: Target): Work {
  const backOf = ({name, marker: {at}}: ServerDatabase): UndoCopy => ({name, at})
  return {
    effect: ({databases}) => ({
      kind: 'undo',
      back: databases === undefined ? null : backOf(newestKept(databases, url.database)),
      force,
    }),
  }
}

/**
 * Swaps the target's database with its undo copy in one transaction. A second undo swaps back. The protection belongs to
 * the name, so it does not move with the databases.
 * @throws StateError (`nothing_kept`, `database_in_use`), RefusedError (`not_confirmed`)
 */
export async function undo({force = false}: UndoOptions, context: OperationContext): Promise<UndoResult> {
  const name = context.target.url.database
  return withLockedServer({guarded: {work: undoWork({force}, context.target)}}, context, async (server) => {
    const kept = newestKept(server.databases, name)
    const before = server.databases.byName.get(name)
    await despiteLoss(server, async (client, databases) => {
      const now = databases.byName.get(name)
      // The swap was done, but the server's answer was lost.
      if (now?.oid === kept.oid) return
      if (now?.oid !== before?.oid) throw databaseChanged(name)
      if (!force && now !== undefined && now.sessions > 0) await refuseWhileInUse(client, name)
      await changeDatabases(client, swap(kept, now, databases, name), {force})
    })
    return {database: name, at: kept.marker.at, keptAs: before === undefined ? null : kept.name}
  })
}

/** The changes that give `kept` the name, and make the current database the undo copy. */
function swap(
  kept: ServerDatabase,
  current: ServerDatabase | undefined,
  databases: ServerDatabases,
  name: string,
): DatabaseChange[] {
  const {oid, text, marker} = kept
  const protection =
    marker.protected ?? current?.marker.protected ?? (marker.wasProtected === true ? databases.server : undefined)
  const back = {
    oid,
    name: kept.name,
    renameTo: name,
    comment: {text, marker: {protected: protection}},
    template: marker.wasTemplate,
  }
  if (current === undefined) return [back]
  const aside = freeName(name, 'swap', databases.byName)
  return [
    {oid: current.oid, name, renameTo: aside},
    back,
    {...putAway(current, kept.name, 'kept', databases), name: aside},
  ]
}

/**
 * The change that renames a replaced database. It is no longer a template, which could not be dropped, and no longer
 * protected, because protection belongs to the name; its marker records both for undo.
 */
export function putAway(
  {oid, name, text, template, marker}: ServerDatabase,
  renameTo: string,
  state: 'kept' | 'replaced',
  {server}: ServerDatabases,
): DatabaseChange {
  const was = {wasTemplate: template || undefined, wasProtected: marker.protected === undefined ? undefined : true}
  const own: DatabaseMarker = {state, of: name, name: renameTo, oid, server, at: new Date().toISOString(), ...was}
  return {oid, name, renameTo, comment: {text, marker: own}, template: template ? false : undefined}
}

/** Lists the undo copies, newest first. */
export async function listKept({target: {url}, signal, progress}: OperationContext): Promise<KeptDatabase[]> {
  return withMaintenanceClient(url, {signal}, async (client) => {
    const databases = await readServerDatabases(client)
    for (const {name, reason} of unrecognizedDatabases(databases, url.database))
      progress(`Not listed: "${name}" looks like an undo copy of "${url.database}", but ${reason}.`)
    const kept = ownDatabases(databases, url.database, 'kept')
    const sizes = await databaseSizes(
      client,
      kept.map(({name}) => name),
    )
    return kept.map((database) => keptFrom(database, sizes))
  })
}

export function keptFrom({name, marker: {at}}: ServerDatabase, sizes: ReadonlyMap<string, number>): KeptDatabase {
  return {name, at, bytes: sizes.get(name) ?? null}
}

/**
 * Describes what {@link discardKept} will do, for the guard.
 * @throws StateError (`nothing_kept`) from `effect`, if there is no undo copy
 */
export function discardWork({url: {database}}: Target): Work {
  const dropping = (databases: ServerDatabases): string[] => {
    newestKept(databases, database)
    return discardable(databases, database).map(({name}) => name)
  }
  return {effect: ({databases}) => ({kind: 'discard', discards: databases === undefined ? null : dropping(databases)})}
}

/**
 * Drops the undo copies. It warns about protected ones and keeps them; if all are protected, the newest can be dropped
 * after confirmation.
 * @throws StateError (`nothing_kept`, `database_in_use`), RefusedError (`not_confirmed`)
 */
export async function discardKept(
  {force = false}: UndoOptions,
  context: OperationContext,
): Promise<{discarded: string}> {
  const name = context.target.url.database
  return withLockedServer(
    {guarded: {work: discardWork(context.target), also: (databases) => discardable(databases, name)}},
    context,
    async (server) => {
      const {name: discarded} = newestKept(server.databases, name)
      const dropping = discardable(server.databases, name)
      const staying = ownDatabases(server.databases, name, 'kept').filter((kept) => !dropping.includes(kept))
      for (const {name: other} of staying) context.warn(`"${other}" is protected and was not dropped.`)
      await despiteLoss(server, async (client, databases) => {
        for (const {oid, name: other} of dropping) {
          const now = databases.byName.get(other)
          if (now?.oid !== oid) continue
          if (!force && now.sessions > 0) await refuseWhileInUse(client, other)
          await dropDatabase(client, other, {force})
        }
      })
      return {discarded: dropping[0]?.name ?? discarded}
    },
  )
}

/** The undo copies that are not protected; if all are protected, the newest one. */
function discardable(databases: ServerDatabases, name: string): ServerDatabase[] {
  const kept = ownDatabases(databases, name, 'kept')
  const free = kept.filter(({marker}) => marker.protected === undefined)
  return free.length > 0 ? free : kept.slice(0, 1)
}

function newestKept(databases: ServerDatabases, name: string): ServerDatabase {
  const [kept] = ownDatabases(databases, name, 'kept')
  if (kept !== undefined) return kept
  const doubtful = unrecognizedDatabases(databases, name).map(
    ({name: other, reason}) => `"${other}" looks like an undo copy, but ${reason}.`,
  )
  throw new StateError(`There is no undo copy of "${name}". Nothing was changed.`, {
    code: 'nothing_kept',
    next: [...doubtful, 'Only setup creates one, on local and without --no-undo.'],
    details: {database: name},
  })
}
