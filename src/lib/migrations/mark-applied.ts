import {dirname} from 'node:path'
import {ConfigurationError, SqlError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {SchemaCompletion} from '../sql-files/run-sql-file.js'
import {findSchema} from '../sql-files/sql-file.js'
import {foldersOfRepository} from '../targets/folders.js'
import {hasStatements, readMigration} from './migration.js'
import {lookForMigrations, type MigrationFolder} from './migration-files.js'
import {findRecordsTable, prepareStatements} from './records-table.js'
import {recordAll, storedOf, type StoredMigration} from './records.js'

/**
 * What completes the loading of a folder's own `sql/schema.sql`: the migrations beside it are recorded as applied, because
 * the file has what they make. Undefined for another file, or if there are no migrations. One that is still empty is not
 * recorded. If a file is not a migration, none is recorded, with a warning.
 */
export async function migrationsIn(
  {cwd, file}: {cwd: string; file?: string},
  warn: (text: string) => void,
): Promise<SchemaCompletion | undefined> {
  try {
    const folder = migrationsBeside(cwd, file)
    if (folder === undefined || folder.files.length === 0) return undefined
    const all = await Promise.all(folder.files.map((found) => readMigration(found, cwd)))
    const rows = all
      .filter(({up}) => hasStatements(Buffer.from(up.text)))
      .map((migration) => ({version: migration.version, ...storedOf(migration, cwd)}))
    if (rows.length === 0) return undefined
    return {
      paths: folder.files.map(({path}) => path),
      complete: (client, inTransaction) => record(client, rows, inTransaction),
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError) && !(error instanceof SqlError)) throw error
    // The load says so, or has another file.
    if (error.code === 'schema_file_missing') return undefined
    warn(`The migrations are not recorded as applied: ${error.message.replace(/ Nothing was changed\.$/, '')}`)
    return undefined
  }
}

/** The migrations in the `sql` folder of the schema file. */
function migrationsBeside(cwd: string, file: string | undefined): MigrationFolder | undefined {
  const folders = foldersOfRepository(cwd)
  const migrations = lookForMigrations(cwd)
  if (migrations === undefined) return undefined
  const own = findSchema(folders).path
  const isOwn = findSchema(folders, file).path === own && dirname(migrations.path) === dirname(own)
  return isOwn ? migrations : undefined
}

async function record(
  client: PostgresClient,
  rows: readonly (StoredMigration & {version: string})[],
  inTransaction: boolean,
): Promise<void> {
  const [begin, end] = inTransaction ? ['', ''] : ['begin; ', '; commit']
  // What the schema file has set must not lead elsewhere.
  await client.query(`${begin}set local role none; set local search_path to default`)
  const table = await findRecordsTable(client)
  await client.query(`${[...prepareStatements(table), recordAll(table, rows)].join('; ')}${end}`)
}
