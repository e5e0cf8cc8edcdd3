import type {OperationContext} from '../access/context.js'
import type {LosingTable, Work} from '../access/effect.js'
import {withLockedTarget} from '../access/lock-target.js'
import {StateError, UsageError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {LockWaits} from '../sql-files/lock-retry.js'
import type {ScriptMessage} from '../sql-files/messages.js'
import {lossesOfDowns} from './down-losses.js'
import {type DownTask, downTasks} from './down-tasks.js'
import {withKept} from './kept.js'
import {findMigrations, type MigrationFolder} from './migration-files.js'
import type {AppliedMigration} from './migrate.js'
import {versionNamed} from './pending.js'
import {type MigrationRecord, readRecords, type Records} from './records.js'
import {refuseStandby} from './records-table.js'
import {MigrationRunner, refuseSteps} from './run-migration.js'

export interface DownOptions {
  cwd: string
  dir?: string
  /** How many migrations to undo, the newest first; default 1. */
  count?: number
  /** Undoes all migrations that are newer than this version. */
  to?: string
  waits: LockWaits
  onMessage?: (message: ScriptMessage) => void
  /** Called before anything is changed, with what will be lost. */
  onLosing: (losing: LosingTable[]) => void
  /** Called after each migration was undone. */
  onUndone: (undone: AppliedMigration) => void
}

export interface DownResult {
  database: string
  undone: AppliedMigration[]
  /** The tables and columns that were dropped or truncated with the rows or values that they had. */
  lost: LosingTable[]
}

interface Found {
  records: Records
  tasks: DownTask[]
  losing: LosingTable[]
}

/**
 * Undoes the newest migrations by the text that was stored when they were applied, so that it does not depend on the files
 * of the present branch.
 * @throws StateError (`migration_without_down`, `migrations_table_shared`, `migration_half_done`), RefusedError
 */
export async function migrateDown(options: DownOptions, context: OperationContext): Promise<DownResult> {
  const {cwd, dir, waits, onMessage, onUndone, onLosing} = options
  const folder = findMigrations(cwd, dir)
  let found: Found | undefined
  const look = async (client: PostgresClient): Promise<Found> =>
    (found = await findTasks(client, folder, options, context))
  const work: Work = {
    waitMs: waits.waitMs,
    isNeeded: async (client) => (await look(client)).tasks.length > 0,
    effect() {
      const {tasks = [], losing = []} = found ?? {}
      return {kind: 'migrate:down', migrations: tasks.map(({file}) => file), losing}
    },
  }
  return withLockedTarget(work, context, async (client, {pooled, guarded}) => {
    const {records, tasks, losing} = found ?? (await look(client))
    if (!guarded && losing.length > 0) onLosing(losing)
    const runner = new MigrationRunner(client, context, {cwd, table: records.table, pooled, waits, onMessage})
    const undone: AppliedMigration[] = []
    if (pooled) refuseSteps(tasks)
    await runner.watch(async () => {
      if (tasks.length > 0) await runner.prepareTable()
      for (const task of tasks) {
        const {version, file} = task
        const done = await runner.run(task).catch((error: unknown) => {
          throw withKept(error, 'undone', undone)
        })
        const result = {version, file, ...done}
        undone.push(result)
        onUndone(result)
      }
    })
    return {database: context.target.url.database, undone, lost: losing}
  })
}

async function findTasks(
  client: PostgresClient,
  folder: MigrationFolder,
  options: DownOptions,
  {signal, target}: OperationContext,
): Promise<Found> {
  const {cwd} = options
  const records = await readRecords(client)
  refuseStandby(records.table)
  const wanted = wantedRecords(records, folder, options)
  const tasks = await downTasks(client, wanted, {records, folder, cwd})
  const losing = await lossesOfDowns(client, tasks, {cwd, signal, database: target.url.database})
  return {records, tasks, losing}
}

/** The records of the migrations to undo, the newest first. One that is half undone is the first. */
function wantedRecords(
  {byVersion}: Records,
  folder: MigrationFolder,
  {count: given, to}: DownOptions,
): MigrationRecord[] {
  if (given !== undefined && to !== undefined) throw countAndVersion()
  const count = given ?? 1
  const all = [...byVersion.values()].sort((a, b) => (a.version < b.version ? 1 : -1))
  const half = all.find(({partial}) => partial?.direction === 'up')
  if (half !== undefined) throw halfDone(half.version)
  const last = to === undefined ? undefined : recordedVersion(to, byVersion, folder)
  const begun = all.filter(({partial}) => partial !== null)
  const rest = all.filter(({partial}) => partial === null)
  return last === undefined
    ? [...begun, ...rest].slice(0, count)
    : [...begun, ...rest].filter(({version}) => version > last)
}

/** A version that is recorded, or of a file. */
function recordedVersion(to: string, byVersion: ReadonlyMap<string, MigrationRecord>, folder: MigrationFolder): string {
  return byVersion.has(to) ? to : versionNamed(to, folder)
}

/** The number of migrations, from an argument. @throws UsageError (`count_invalid`) */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new UsageError(`${text} is not a number of migrations.`, {
    code: 'count_invalid',
    next: ['Write a number from 1, for example 2.'],
  })
}

function countAndVersion(): UsageError {
  return new UsageError('A number of migrations and --to cannot be given together. Nothing was changed.', {
    code: 'count_and_version',
    next: ['Give one of them.'],
  })
}

function halfDone(version: string): StateError {
  return new StateError(`The migration ${version} is half done. Nothing was changed.`, {
    code: 'migration_half_done',
    next: ['Finish it first. What comes after the statement that failed may be changed in its file.'],
    details: {version},
  })
}
