import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {withLockedTarget} from '../access/lock-target.js'
import {diffSchemas, type SchemaDiffResult} from '../dumps/schema-diff.js'
import type {ScratchServer} from '../dumps/file-schema.js'
import {CheckError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {defaultLockWaits} from '../sql-files/lock-retry.js'
import {schemaOfMigrations} from './chain.js'
import {type Migration, readMigration} from './migration.js'
import {findMigrations} from './migration-files.js'
import {versionNamed} from './pending.js'
import {readRecords, recordAll, type Records, refuseElsewhere, storedOf} from './records.js'
import {refuseStandby} from './records-table.js'
import {MigrationRunner} from './run-migration.js'

export interface AdoptOptions {
  cwd: string
  dir?: string
  /** The newest version to record. */
  to: string
  /** Servers on which the migrations are run, to compare what they make. */
  scratch: readonly ScratchServer[]
  /** Called with the differences, if there are any. */
  onDifferences: (diff: SchemaDiffResult) => void
}

export interface AdoptResult {
  database: string
  /** The versions that were recorded. */
  adopted: string[]
}

/**
 * Records migrations as applied without running them, for a database that was made in another way. Its schema must be what
 * the migrations make.
 * @throws CheckError (`schema_differs`), RefusedError
 */
export async function adoptMigrations(options: AdoptOptions, context: OperationContext): Promise<AdoptResult> {
  const {cwd, dir, to} = options
  const folder = findMigrations(cwd, dir)
  const last = versionNamed(to, folder)
  const migrations = await Promise.all(
    folder.files.filter(({version}) => version <= last).map((file) => readMigration(file, cwd)),
  )
  let found: {records: Records; missing: Migration[]} | undefined
  const look = async (client: PostgresClient): Promise<{records: Records; missing: Migration[]}> => {
    const records = await readRecords(client)
    refuseStandby(records.table)
    await refuseElsewhere(
      client,
      records,
      folder.files.map(({version}) => version),
    )
    const missing = migrations.filter(({version}) => !records.byVersion.has(version))
    if (missing.length > 0 && found === undefined) await requireSameSchema(migrations, last, options, context)
    return (found = {records, missing})
  }
  const work: Work = {
    isNeeded: async (client) => (await look(client)).missing.length > 0,
    effect: () => ({kind: 'migrate:adopt', migrations: (found?.missing ?? []).map(({file}) => file)}),
  }
  return withLockedTarget(work, context, async (client, {pooled}) => {
    const {records, missing} = found ?? (await look(client))
    const {table} = records
    if (missing.length > 0) {
      const runner = new MigrationRunner(client, context, {cwd, table, pooled, waits: defaultLockWaits})
      await runner.prepareTable()
      const rows = missing.map((migration) => ({version: migration.version, ...storedOf(migration, cwd)}))
      await runner.transaction([recordAll(table, rows)])
    }
    return {database: context.target.url.database, adopted: missing.map(({version}) => version)}
  })
}

async function requireSameSchema(
  migrations: readonly Migration[],
  last: string,
  {cwd, scratch, onDifferences}: AdoptOptions,
  context: OperationContext,
): Promise<void> {
  const {name, url} = context.target
  const diff = await diffSchemas({
    a: {label: name, context: {...context, preconnection: undefined}},
    b: {label: `the migrations up to ${last}`, schemaOn: (server) => schemaOfMigrations(migrations, cwd, server)},
    ...{cwd, scratch, owners: false, database: url.database},
  })
  if (diff.differences.length === 0 && diff.skipped.length === 0) return
  onDifferences(diff)
  throw new CheckError(
    `The schema of ${url.database} is not what the migrations up to ${last} make. Nothing was recorded.`,
    {
      code: 'schema_differs',
      next: ['Choose another version, or change the schema or the migrations until they are the same.'],
      details: {...diff},
    },
  )
}
