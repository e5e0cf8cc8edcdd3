import {randomBytes} from 'node:crypto'
import type {OperationContext} from '../access/context.js'
import {despiteLoss, type LockedServer, withLockedServer} from '../access/lock-target.js'
import {StateError, UsageError} from '../errors.js'
import {databaseSizes} from '../postgres/catalog/catalog.js'
import {dropDatabase, heldOtherwise, refuseWhileInUse} from '../postgres/catalog/databases.js'
import {createMarked} from '../postgres/catalog/marked-database.js'
import type {DatabaseMarker} from '../postgres/catalog/marker.js'
import {
  isOwnMarker,
  readServerDatabases,
  type ServerDatabase,
  type ServerDatabases,
} from '../postgres/catalog/server-databases.js'
import {sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import {withMaintenanceClient} from '../postgres/connect/maintenance.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {stillThere} from './discard.js'
import {requireLocal} from './local-only.js'
import {cloning, copyClauses} from './template.js'

/** A copy of a database that a person has named. */
export interface Snapshot {
  name: string
  /** When it was taken, in ISO 8601. */
  at: string
  /** Its size on disk; null if the role may not read it. */
  bytes: number | null
}

export interface SnapshotOptions {
  /** What people call it. */
  name: string
  /** Replaces one of that name. */
  replace?: boolean
  /** Ends connected sessions instead of failing: a database in use cannot be copied. */
  force?: boolean
}

export interface SnapshotResult {
  database: string
  snapshot: Snapshot
  /** Whether it has replaced one of that name. */
  replaced: boolean
}

const namePattern = /^cruddur_snapshot_[0-9a-f]{16}$/
const maxNameLength = 100
/** A client that connects again at once may come before the copy. */
const maxTries = 3

/**
 * Copies the database of the target. The copy allows no connections, so it stays as it is. It is listed once it is
 * complete: the server marks it, even if this process is killed.
 * @throws UsageError (`local_only`, `snapshot_name_invalid`), StateError (`snapshot_exists`, `database_in_use`, `server_identifier_hidden`, `3D000`)
 */
export async function takeSnapshot(
  {name, replace = false, force = false}: SnapshotOptions,
  context: OperationContext,
): Promise<SnapshotResult> {
  requireName(name)
  const {database} = context.target.url
  return withLockedServer({onceStarted: true}, context, async (server) => {
    requireLocal(context.target, server.client, 'Snapshots are')
    if (server.databases.server === undefined) throw unrecognizable()
    const earlier = snapshotsOf(server.databases, database).filter(({marker}) => marker.label === name)
    if (earlier.length > 0 && !replace) throw taken(name)
    const isNew = ({oid, marker}: ServerDatabase): boolean =>
      marker.label === name && earlier.every((other) => other.oid !== oid)
    return despiteLoss(server, async (client, databases) => {
      // The copy was made, but the server's answer was lost.
      const done = snapshotsOf(databases, database).find(isNew)
      const made = done ?? (await copy(client, databases, {of: database, label: name, force}))
      for (const old of stillThere(earlier, databases)) await dropDatabase(client, old, {force: true})
      const sizes = await databaseSizes(client, [made.name])
      return {database, snapshot: snapshotFrom(made, sizes), replaced: earlier.length > 0}
    })
  })
}

/** Lists the snapshots of the target's database, newest first. @throws UsageError (`local_only`) */
export async function listSnapshots({target, signal}: OperationContext): Promise<Snapshot[]> {
  return withMaintenanceClient(target.url, {signal}, async (client) => {
    requireLocal(target, client, 'Snapshots are')
    const found = snapshotsOf(await readServerDatabases(client), target.url.database)
    const sizes = await databaseSizes(
      client,
      found.map(({name}) => name),
    )
    return found.map((database) => snapshotFrom(database, sizes))
  })
}

/** Drops a snapshot. @throws UsageError (`local_only`), StateError (`snapshot_missing`) */
export async function dropSnapshot({name}: {name: string}, context: OperationContext): Promise<{dropped: string}> {
  return withLockedServer({}, context, async ({client, databases}: LockedServer) => {
    requireLocal(context.target, client, 'Snapshots are')
    await dropDatabase(client, snapshotCalled(databases, context.target.url.database, name).name, {force: true})
    return {dropped: name}
  })
}

/** @throws StateError (`snapshot_missing`) */
export function snapshotCalled(databases: ServerDatabases, database: string, name: string): ServerDatabase {
  const snapshots = snapshotsOf(databases, database)
  const found = snapshots.find(({marker}) => marker.label === name)
  if (found !== undefined) return found
  const names = snapshots.map(({marker}) => marker.label ?? '')
  throw new StateError(`There is no snapshot "${name}" of ${database}. Nothing was changed.`, {
    code: 'snapshot_missing',
    next: [names.length === 0 ? 'There is none.' : `There are: ${names.join(', ')}.`],
    details: {snapshot: name, snapshots: names},
  })
}

/** The name that people gave it, and when it was taken. */
export function snapshotFrom({name, marker}: ServerDatabase, sizes: ReadonlyMap<string, number>): Snapshot {
  return {name: marker.label ?? '', at: marker.at ?? '', bytes: sizes.get(name) ?? null}
}

/** Anyone can write a marker, so the name, oid and server must be those of it, and our role the owner. */
function snapshotsOf(databases: ServerDatabases, of: string): ServerDatabase[] {
  return [...databases.byName.values()]
    .filter(
      (database) =>
        database.marker.state === 'snapshot' &&
        database.marker.of === of &&
        namePattern.test(database.name) &&
        database.owner === databases.role &&
        isOwnMarker(database, databases),
    )
    .sort((a, b) => (String(a.marker.at) < String(b.marker.at) ? 1 : -1))
}

async function copy(
  client: PostgresClient,
  databases: ServerDatabases,
  {of, label, force}: {of: string; label: string; force: boolean},
): Promise<ServerDatabase> {
  const source = databases.byName.get(of)
  if (source === undefined)
    throw new StateError(`The database "${of}" does not exist.`, {
      code: sqlState.missingDatabase,
      details: {database: of},
    })
  if (source.prepared > 0) throw heldOtherwise(of)
  const name = `cruddur_snapshot_${randomBytes(8).toString('hex')}`
  const marker: DatabaseMarker = {
    ...{state: 'snapshot', of, label, name, server: databases.server, at: new Date().toISOString()},
  }
  const create = (): Promise<number> =>
    cloning(client, () =>
      createMarked(client, {
        name,
        clauses: `${copyClauses(client, of)} allow_connections false`,
        comment: {text: '', marker},
      }),
    )
  for (let tries = 1; ; tries += 1) {
    if (!force) await refuseWhileInUse(client, of)
    else await endSessions(client, source.oid)
    try {
      const oid = await create()
      return {...source, name, oid, owner: databases.role, marker: {...marker, oid}}
    } catch (error) {
      if (sqlStateOf(error) !== sqlState.objectInUse) throw error
      if (!force || tries === maxTries) await refuseWhileInUse(client, of)
      if (tries === maxTries) throw heldOtherwise(of, error)
    }
  }
}

async function endSessions(client: PostgresClient, oid: number): Promise<void> {
  await client.query(
    'select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datid = $1 and pid <> pg_backend_pid()',
    [oid],
  )
}

/** What needs no quotes in a shell, and can be the name of a branch. */
function requireName(name: string): void {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._/@+#-]*$/u.test(name) && name.length <= maxNameLength) return
  throw new UsageError(
    `The name of a snapshot has up to ${maxNameLength} letters, digits and . _ / @ + # -, and begins with a letter or digit.`,
    {code: 'snapshot_name_invalid'},
  )
}

function unrecognizable(): StateError {
  return new StateError(
    'This role may not read the identifier of the server, by which snapshots are recognized. Nothing was changed.',
    {
      code: 'server_identifier_hidden',
      next: ['As a superuser: grant execute on function pg_catalog.pg_control_system() to the role.'],
    },
  )
}

function taken(name: string): StateError {
  return new StateError(`There is a snapshot "${name}" already. Nothing was changed.`, {
    code: 'snapshot_exists',
    next: ['To replace it, add --replace.'],
    details: {snapshot: name},
  })
}
