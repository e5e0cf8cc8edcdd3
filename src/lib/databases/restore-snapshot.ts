import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {databaseChanged} from '../postgres/catalog/databases.js'
import type {Target} from '../targets/target.js'
import {copyBuilding} from './build.js'
import {replaceLocal, type Replacement, type ReplaceOptions, replaceWork} from './replace.js'
import {type Snapshot, snapshotCalled, snapshotFrom} from './snapshots.js'

export interface RestoreSnapshotOptions extends ReplaceOptions {
  /** What people call the snapshot. */
  name: string
}

export interface RestoreSnapshotResult {
  database: string
  snapshot: Pick<Snapshot, 'name' | 'at'>
  /** Whether the old database is kept for undo. */
  kept: boolean
}

function replacementBy(name: string, {url: {database}}: Target): Replacement {
  return {
    what: 'Snapshots are',
    effect(databases) {
      if (databases !== undefined) snapshotCalled(databases, database, name)
      return {snapshot: name}
    },
  }
}

/** Describes what {@link restoreSnapshot} will do, for the guard. @throws StateError (`snapshot_missing`) from `effect` */
export function restoreSnapshotWork({name, ...options}: RestoreSnapshotOptions, target: Target): Work {
  return replaceWork(replacementBy(name, target), options, target)
}

/**
 * Replaces the target's database with a copy of a snapshot, which stays.
 * @throws StateError (`snapshot_missing`), and as {@link replaceLocal}
 */
export async function restoreSnapshot(
  {name, ...options}: RestoreSnapshotOptions,
  context: OperationContext,
): Promise<RestoreSnapshotResult> {
  const {target} = context
  const {database} = target.url
  const {made, kept} = await replaceLocal(
    replacementBy(name, target),
    options,
    context,
    async ({client, databases}, plan) => {
      const found = snapshotCalled(databases, database, name)
      const building = await copyBuilding(client, plan, found.name)
      if (building === undefined) throw databaseChanged(found.name)
      return {building, made: {name, at: snapshotFrom(found, new Map()).at}}
    },
  )
  return {database, snapshot: made, kept}
}
