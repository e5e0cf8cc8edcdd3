import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {withLockedServer} from '../access/lock-target.js'
import {InterruptedError} from '../errors.js'
import {databaseChanged} from '../postgres/catalog/databases.js'
import type {Target} from '../targets/target.js'
import {readAttributes} from './attributes.js'
import {copyBuilding} from './build.js'
import {requireLocal} from './local-only.js'
import {buildingName, ownDatabases} from './own-databases.js'
import {keepsOld} from './setup-run.js'
import {type Snapshot, snapshotCalled, snapshotFrom} from './snapshots.js'
import {giveUp, requireReplaceable, swapIn} from './swap.js'

export interface RestoreSnapshotOptions {
  /** What people call the snapshot. */
  name: string
  /** Ends connected sessions instead of failing. */
  force?: boolean
  /** Keeps the database that is replaced for undo. */
  keep?: boolean
}

export interface RestoreSnapshotResult {
  database: string
  snapshot: Pick<Snapshot, 'name' | 'at'>
  /** Whether the old database is kept for undo. */
  kept: boolean
}

/** Describes what {@link restoreSnapshot} will do, for the guard. @throws StateError (`snapshot_missing`) from `effect` */
export function restoreSnapshotWork({name, force = false, keep}: RestoreSnapshotOptions, target: Target): Work {
  const {database} = target.url
  return {
    effect: ({databases}) => {
      if (databases !== undefined) snapshotCalled(databases, database, name)
      const keeps = keepsOld({keep}, target) && (databases === undefined || databases.server !== undefined)
      const earlier =
        databases && ownDatabases(databases, database, 'kept').filter(({marker}) => marker.protected === undefined)
      const discards = keeps ? (earlier?.map((copy) => copy.name) ?? null) : []
      return {kind: 'snapshot:restore', snapshot: name, keeps, discards, force}
    },
  }
}

/**
 * Replaces the target's database with a copy of a snapshot, in one transaction, as setup does: until then the old one is
 * in use and unchanged. The snapshot stays.
 * @throws UsageError (`local_only`), StateError (`snapshot_missing`, `database_in_use`), RefusedError (`not_confirmed`)
 */
export async function restoreSnapshot(
  {name, force = false, keep}: RestoreSnapshotOptions,
  context: OperationContext,
): Promise<RestoreSnapshotResult> {
  const {target, signal, warn} = context
  const {database} = target.url
  const guarded = {work: restoreSnapshotWork({name, force, keep}, target)}
  // Ctrl-C must not end this session, because it removes the unfinished database.
  const locking = {guarded, onceStarted: true, onAbort: 'keep', isLast: true} as const
  return withLockedServer(locking, context, async (server) => {
    const {client, databases} = server
    requireLocal(target, client, 'Snapshots are')
    const snapshot = snapshotCalled(databases, database, name)
    const old = databases.byName.get(database)
    await requireReplaceable(server, old, force)
    const attributes =
      old === undefined || old.plain ? new Map<string, never>() : await readAttributes(client, [database, 'template1'])
    const plan = {of: database, name: buildingName(database), databases, attributes, warn}
    try {
      const building = await copyBuilding(client, plan, snapshot.name)
      if (building === undefined) throw databaseChanged(snapshot.name)
      if (signal.aborted) throw new InterruptedError(signal.reason)
      const before = attributes.get(database)
      const swapping = {building, old, before, reset: new Set<string>(), keep: keepsOld({keep}, target), force}
      const kept = await swapIn(server, swapping)
      const {at} = snapshotFrom(snapshot, new Map())
      return {database, snapshot: {name, at}, kept}
    } catch (error) {
      await giveUp(server, plan.name)
      throw error
    }
  })
}
