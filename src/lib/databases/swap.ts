import {setTimeout as sleep} from 'node:timers/promises'
import {despiteLoss, type LockedServer} from '../access/lock-target.js'
import {ConnectionError} from '../errors.js'
import {
  changeDatabases,
  type DatabaseChange,
  databaseChanged,
  heldOtherwise,
  refuseWhileInUse,
} from '../postgres/catalog/databases.js'
import {readServerDatabases, type ServerDatabase, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {DatabaseAttributes} from './attributes.js'
import {type Building, carryOver} from './build.js'
import {discard, removeLeftovers, stillThere} from './discard.js'
import {freeName, ownDatabases} from './own-databases.js'
import {putAway} from './undo.js'

/** Looks at most this many times, 1 ms apart. */
const maxLooks = 20

export interface SwapOptions {
  building: Building
  /** The database that is replaced, as it was when setup started. */
  old: ServerDatabase | undefined
  before: DatabaseAttributes | undefined
  /** Whether the old database is kept for undo. It replaces an earlier undo copy. */
  keep: boolean
  /** The settings that the files have reset. */
  reset: ReadonlySet<string>
  /** Whether sessions on the old database are ended. */
  force: boolean
}

/**
 * Checks before a new database is built what would prevent the rename at the end, because a build may take minutes, and
 * removes what earlier ones have left.
 */
export async function requireReplaceable(
  {client, databases, context}: LockedServer,
  old: ServerDatabase | undefined,
  force: boolean,
): Promise<void> {
  const {database} = context.target.url
  if (old !== undefined && (old.prepared > 0 || old.slots > 0)) throw heldOtherwise(database)
  if (old !== undefined && old.sessions > 0 && !force) await refuseWhileInUse(client, database)
  await removeLeftovers(client, databases, context)
}

/**
 * Replaces the old database with the new one in one transaction. Afterwards the old one is kept or dropped; if it cannot
 * be dropped, this is a warning, because the new database is already in use. Returns whether it is kept.
 * @throws StateError (`database_in_use`, `database_held`, `database_changed`), if nothing was changed
 */
export async function swapIn(server: LockedServer, options: SwapOptions): Promise<boolean> {
  const {context} = server
  const name = context.target.url.database
  const keep = options.keep && options.old !== undefined && server.databases.server !== undefined
  if (options.keep && options.old !== undefined && !keep)
    context.warn('The old database is not kept for undo, because this role may not read the identifier of the server.')
  const replaced: Array<Pick<ServerDatabase, 'oid' | 'name'>> = []
  await despiteLoss(server, async (client) => {
    const databases = await lookWhenAlone(client, options.building)
    // The swap was done, but the server's answer was lost.
    if (databases.byName.get(name)?.oid === options.building.oid) return
    const {old, made} = findSwapped(databases, name, options)
    if (old?.plain === false) await carryOver(client, options.building, {...options, of: name, warn: context.warn})
    const earlier = keep ? ownDatabases(databases, name, 'kept') : []
    for (const {name: other} of earlier.filter(({marker}) => marker.protected !== undefined))
      context.warn(`The undo copy "${other}" is protected and was not dropped.`, 'undo_copy_protected')
    const dropping = earlier.filter(({marker}) => marker.protected === undefined)
    const away =
      old === undefined
        ? undefined
        : putAway(old, freeName(name, keep ? 'undo' : 'old', databases.byName), keep ? 'kept' : 'replaced', databases)
    const into: DatabaseChange = {
      ...{oid: made.oid, name: made.name, renameTo: name},
      comment: {text: made.text, marker: {protected: old?.marker.protected}},
      template: old?.template === true ? true : undefined,
    }
    const dropped = dropping.map(({oid, name: other, text, marker}): DatabaseChange => ({
      oid,
      name: other,
      comment: {text, marker: {...marker, state: 'replaced'}},
    }))
    replaced.splice(
      0,
      replaced.length,
      ...dropped,
      ...(away?.renameTo === undefined || keep ? [] : [{oid: away.oid, name: away.renameTo}]),
    )
    await changeDatabases(client, [...(away === undefined ? [] : [away]), into, ...dropped], {force: options.force})
  })
  await dropReplaced(server, replaced, options.force)
  return keep
}

/**
 * Waits until our own sessions in the new database are gone. That takes the server a moment, and a rename that finds one
 * waits for 100 ms. The rename finds sessions of others.
 */
async function lookWhenAlone(client: PostgresClient, {name}: Building): Promise<ServerDatabases> {
  for (let tries = 1; ; tries += 1) {
    const databases = await readServerDatabases(client)
    if (tries === maxLooks || (databases.byName.get(name)?.sessions ?? 0) === 0) return databases
    await sleep(1)
  }
}

/** Finds both databases. Refuses if another database has one of the names by now. */
function findSwapped(
  databases: ServerDatabases,
  name: string,
  {building, old: before}: SwapOptions,
): {old: ServerDatabase | undefined; made: ServerDatabase} {
  const [old, made] = [databases.byName.get(name), databases.byName.get(building.name)]
  if (old?.oid !== before?.oid) throw databaseChanged(name)
  if (made?.oid !== building.oid) throw databaseChanged(building.name)
  if (old !== undefined && (old.prepared > 0 || old.slots > 0)) throw heldOtherwise(name)
  return {old, made}
}

/** Drops the replaced databases. A failure here is only a warning, because the new database is already in use. */
async function dropReplaced(
  server: LockedServer,
  replaced: Array<Pick<ServerDatabase, 'oid' | 'name'>>,
  force: boolean,
): Promise<void> {
  if (replaced.length === 0) return
  const {context} = server
  const names = replaced.map(({name}) => name)
  try {
    // If the client is still the first one, the lock was never lost and the names are still right.
    await despiteLoss(server, (client, databases) =>
      discard(client, client === server.client ? names : stillThere(replaced, databases), {force}, context),
    )
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    context.warn(
      `The connection was lost before ${names.map((name) => `"${name}"`).join(', ')} could be dropped. The next setup drops it.`,
    )
  }
}

/** Removes the database of a dry run. If it cannot be removed, this is a warning. */
export async function removeTried(server: LockedServer, {oid, name}: Building): Promise<void> {
  await despiteLoss(server, async (client) => {
    await discard(client, stillThere([{oid, name}], await readServerDatabases(client)), {force: true}, server.context)
  })
}

/**
 * Removes the unfinished database after a failure. It is found by its temporary name, so a finished swap is not undone.
 * Problems here are only warnings, so that the first error is reported.
 */
export async function giveUp(server: LockedServer, name: string): Promise<void> {
  const {context} = server
  try {
    await despiteLoss(server, async (client) => {
      const {byName} = await readServerDatabases(client)
      if (!byName.has(name)) return
      const [gone] = await discard(client, [name], {force: true}, context)
      if (gone !== undefined)
        context.progress(`"${context.target.url.database}" was not changed. The unfinished new database was removed.`)
    })
  } catch {
    context.warn(`The unfinished database "${name}" could not be removed. The next setup removes it.`)
  }
}
