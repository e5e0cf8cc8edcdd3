import {setTimeout as sleep} from 'node:timers/promises'
import {despiteLoss, type LockedServer} from '../access/lock-target.js'
import {ConnectionError} from '../errors.js'
import {changeDatabases, type DatabaseChange, databaseChanged, heldOtherwise} from '../postgres/catalog/databases.js'
import {readServerDatabases, type ServerDatabase, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {DatabaseAttributes} from './attributes.js'
import {type Building, carryOver} from './build.js'
import {discard, stillThere} from './discard.js'
import {freeName, ownDatabases} from './own-databases.js'
import {putAway} from './undo.js'

/** At most this many looks, with 1 ms between them. */
const maxLooks = 20

/** What {@link swapIn} takes. */
export interface SwapOptions {
  building: Building
  /** The database that is replaced, as the setup found it. */
  old: ServerDatabase | undefined
  before: DatabaseAttributes | undefined
  /** Whether the old one is kept for undo, in the place of the one kept before. */
  keep: boolean
  /** What the files have reset. */
  reset: ReadonlySet<string>
  /** Whether sessions on the old one are ended. */
  force: boolean
}

/**
 * Puts the new database in the place of the old one, in one transaction: this is the moment from which it counts. The old
 * one is kept or dropped afterwards; what cannot be dropped is a warning. Returns whether it is kept.
 * @throws StateError (`database_in_use`, `database_held`, `database_changed`); nothing was changed then
 */
export async function swapIn(server: LockedServer, options: SwapOptions): Promise<boolean> {
  const {context} = server
  const name = context.target.url.database
  const keep = options.keep && options.old !== undefined && server.databases.server !== undefined
  if (options.keep && options.old !== undefined && !keep)
    context.warn('The server does not tell its identifier to this role, so nothing can be kept for undo.')
  const replaced: Array<Pick<ServerDatabase, 'oid' | 'name'>> = []
  await despiteLoss(server, async (client) => {
    const databases = await lookWhenAlone(client, options.building)
    // The answer was lost after the swap.
    if (databases.byName.get(name)?.oid === options.building.oid) return
    const {old, made} = found(databases, name, options)
    if (old?.plain === false) await carryOver(client, options.building, {...options, of: name, warn: context.warn})
    const earlier = keep ? ownDatabases(databases, name, 'kept') : []
    for (const {name: other} of earlier.filter(({marker}) => marker.protected !== undefined))
      context.warn(`"${other}" is protected and stays: cruddur-db undo --list shows it.`)
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
 * Looks when our own sessions in the new database are gone, which takes the server a moment: a rename that finds one waits for
 * a tenth of a second. Whoever else is connected there is found by the rename.
 */
async function lookWhenAlone(client: PostgresClient, {name}: Building): Promise<ServerDatabases> {
  for (let tries = 1; ; tries += 1) {
    const databases = await readServerDatabases(client)
    if (tries === maxLooks || (databases.byName.get(name)?.sessions ?? 0) === 0) return databases
    await sleep(1)
  }
}

/** Both databases as they are now; another one under either name is somebody's. */
function found(
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

/** The new database stands: whatever happens to the old ones now is no failure. */
async function dropReplaced(
  server: LockedServer,
  replaced: Array<Pick<ServerDatabase, 'oid' | 'name'>>,
  force: boolean,
): Promise<void> {
  if (replaced.length === 0) return
  const {context} = server
  const names = replaced.map(({name}) => name)
  try {
    // The first client has held the lock since the swap.
    await despiteLoss(server, (client, databases) =>
      discard(client, client === server.client ? names : stillThere(replaced, databases), {force}, context),
    )
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    context.warn(
      `The connection was lost before ${names.map((name) => `"${name}"`).join(', ')} could be dropped; the next setup does so.`,
    )
  }
}

/** Removes the database of a dry run. One that cannot be removed is a warning. */
export async function removeTried(server: LockedServer, {oid, name}: Building): Promise<void> {
  await despiteLoss(server, async (client) => {
    await discard(client, stillThere([{oid, name}], await readServerDatabases(client)), {force: true}, server.context)
  })
}

/**
 * Removes the database that a setup has begun, by the name that only this setup knows: unless it has taken its place
 * already. The error that led here is what is told.
 */
export async function giveUp(server: LockedServer, name: string): Promise<void> {
  const {context} = server
  try {
    await despiteLoss(server, async (client) => {
      const {byName} = await readServerDatabases(client)
      if (!byName.has(name)) return
      const [gone] = await discard(client, [name], {force: true}, context)
      if (gone !== undefined)
        context.progress(`"${context.target.url.database}" is as it was; the unfinished new one is removed.`)
    })
  } catch {
    context.warn(`The unfinished "${name}" could not be removed; the next setup does so.`)
  }
}
