import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {withLockedTarget} from '../access/lock-target.js'
import type {ScratchServer} from '../dumps/file-schema.js'
import {CruddurError, InterruptedError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {LockWaits} from '../sql-files/lock-retry.js'
import type {ScriptMessage} from '../sql-files/messages.js'
import {displayPath} from '../sql-files/sql-file.js'
import {withKept} from './kept.js'
import {expandedText} from './expanded.js'
import {type Migration, readMigration, requireRunnable} from './migration.js'
import {findMigrations, type MigrationFile, type MigrationFolder} from './migration-files.js'
import {pendingFiles, type PendingOptions, requireUnchanged} from './pending.js'
import {measurePlan, type MigrationPlan} from './plan/plan.js'
import {readRecords, type Records, refuseElsewhere, storedOf} from './records.js'
import {refuseStandby} from './records-table.js'
import {MigrationRunner, refuseSteps, type Task, type TaskResult} from './run-migration.js'

export interface MigrateOptions extends PendingOptions {
  /** The folder of the migrations, relative to `cwd`. */
  dir?: string
  waits: LockWaits
  /** Only shows what would be done. */
  dryRun?: boolean
  /** Finds servers on which the plan is measured, if one is. */
  scratch: () => readonly ScratchServer[]
  onMessage?: (message: ScriptMessage) => void
  /** Called after each migration was committed. */
  onApplied: (applied: AppliedMigration) => void
  /** Called with the plan before anything is changed. */
  onPlan: (plan: MigrationPlan) => void
}

export interface AppliedMigration extends TaskResult {
  version: string
  file: string
}

export interface MigrateResult {
  database: string
  folder: string
  applied: AppliedMigration[]
  /** The files that are still to be applied: with a dry run all, otherwise those after `to`. */
  pending: string[]
  /** Applied migrations whose files were changed afterwards. */
  edited: string[]
  /** What was measured: on a protected target, and with a dry run. */
  plan: MigrationPlan | null
  dryRun: boolean
}

/** What is to be done, once it is known. */
interface Found {
  records: Records
  pending: Migration[]
  edited: string[]
}

/** Applies the migrations that are pending, in order, each in a transaction with its record. */
export async function migrate(options: MigrateOptions, context: OperationContext): Promise<MigrateResult> {
  const {cwd, dir, dryRun = false} = options
  const folder = findMigrations(cwd, dir)
  const read = readOnce(cwd)
  let plan: MigrationPlan | null = null
  let found: Found | undefined
  const look = async (client: PostgresClient): Promise<Found> =>
    (found = await findPending(client, folder, options, read))
  const measure = async ({pending, records}: Found): Promise<MigrationPlan | null> =>
    (plan = await planOf(pending, records, options, context))
  const end = (applied: AppliedMigration[], {records, edited}: Found): MigrateResult => {
    const left = pendingFiles(folder, records, {cwd, outOfOrder: true})
    const pending = left.filter(({version}) => !applied.some((done) => done.version === version))
    return {
      database: context.target.url.database,
      folder: displayPath(folder.path, cwd),
      ...{applied, edited, plan, dryRun},
      pending: pending.map(({path}) => displayPath(path, cwd)),
    }
  }
  if (dryRun) {
    const {signal, preconnection, target} = context
    const seen = await withClient(target.url, {signal, preconnection}, look)
    if (seen.pending.length > 0) await measure(seen)
    return end([], seen)
  }
  const work: Work = {
    waitMs: options.waits.waitMs,
    isNeeded: async (client) => (await look(client)).pending.length > 0,
    async effect() {
      const {pending = []} = found ?? {}
      const measured = found === undefined ? null : await measure(found)
      return {
        kind: 'migrate',
        migrations: pending.map(({file}) => file),
        findings: measured === null ? null : measured.findings.length,
      }
    },
  }
  return withLockedTarget(work, context, async (client, {pooled}) => {
    const seen = found ?? (await look(client))
    return end(await applyAll(client, context, {...options, ...seen, pooled}), seen)
  })
}

/** Reads each pending migration once, although the pending ones are looked up twice: before the lock, and under it. */
type ReadOnce = (file: MigrationFile) => Promise<Migration>

function readOnce(cwd: string): ReadOnce {
  const read = new Map<string, Promise<Migration>>()
  const readRunnable: ReadOnce = async (file) => {
    const migration = await readMigration(file, cwd)
    requireRunnable(migration, migration.up)
    return migration
  }
  return (file) => {
    const reading = read.get(file.version) ?? readRunnable(file)
    read.set(file.version, reading)
    return reading
  }
}

async function findPending(
  client: PostgresClient,
  folder: MigrationFolder,
  options: Pick<MigrateOptions, keyof PendingOptions | 'dryRun'>,
  read: ReadOnce,
): Promise<Found> {
  const {cwd} = options
  const records = await readRecords(client, {onlyReads: options.dryRun === true})
  if (options.dryRun !== true) refuseStandby(records.table)
  const versions = folder.files.map(({version}) => version)
  await refuseElsewhere(client, records, versions)
  const wanted = pendingFiles(folder, records, options)
  const pending = await Promise.all(wanted.map(read))
  for (const {version, file, up} of pending) {
    const partial = records.byVersion.get(version)?.partial ?? null
    if (partial !== null) requireUnchanged(file, partial, expandedText(up, cwd))
  }
  // Reading all files takes longer than everything else if there is nothing to apply.
  return {records, pending, edited: pending.length === 0 ? [] : await editedOf(folder, records, cwd)}
}

/** The applied migrations whose files have other statements now. */
async function editedOf({files}: MigrationFolder, {byVersion}: Records, cwd: string): Promise<string[]> {
  const edited = files.map(async (file) => {
    const record = byVersion.get(file.version)
    if (record === undefined || record.partial !== null || record.checksum === null) return []
    const migration = await readMigration(file, cwd).catch(() => undefined)
    const isEdited = migration !== undefined && storedOf(migration, cwd).checksum !== record.checksum
    return isEdited ? [migration.file] : []
  })
  return (await Promise.all(edited)).flat()
}

interface ApplyOptions extends MigrateOptions, Pick<Found, 'records' | 'pending'> {
  pooled: boolean
}

async function applyAll(
  client: PostgresClient,
  context: OperationContext,
  {cwd, waits, records, pending, pooled, onMessage, onApplied}: ApplyOptions,
): Promise<AppliedMigration[]> {
  const {table, byVersion} = records
  const runner = new MigrationRunner(client, context, {cwd, table, pooled, waits, onMessage})
  const applied: AppliedMigration[] = []
  if (pending.length === 0) return applied
  if (pooled) refuseSteps(pending.map(({file, up}) => ({file, section: up})))
  await runner.watch(async () => {
    await runner.prepareTable()
    const taskOf = (migration: Migration): Task => {
      const {version, file, up: section} = migration
      return {version, file, direction: 'up', section, stored: storedOf(migration, cwd), record: byVersion.get(version)}
    }
    let next = pending[0] && taskOf(pending[0])
    for (const [index] of pending.entries()) {
      const task = next as Task
      const {version, file} = task
      const running = runner.run(task).catch((error: unknown) => {
        throw withKept(error, 'applied', applied)
      })
      running.catch(() => undefined)
      // While the server works.
      const following = pending[index + 1]
      next = following && taskOf(following)
      const done = await running
      const result = {version, file, ...done}
      applied.push(result)
      onApplied(result)
    }
  })
  return applied
}

/** Measures what the migrations do; null, with a warning, if that is not possible. */
async function planOf(
  pending: readonly Migration[],
  records: Records,
  {cwd, scratch, onPlan}: MigrateOptions,
  context: OperationContext,
): Promise<MigrationPlan | null> {
  const steps = pending.map((migration) => ({
    migration,
    done: records.byVersion.get(migration.version)?.partial?.statements ?? 0,
  }))
  try {
    const plan = await measurePlan({cwd, scratch: scratch(), pending: steps}, context)
    onPlan(plan)
    return plan
  } catch (error) {
    if (!(error instanceof CruddurError) || error instanceof InterruptedError) throw error
    context.warn(`What the migrations do could not be measured: ${error.message}`)
    return null
  }
}
