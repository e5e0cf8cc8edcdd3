import {join} from 'node:path'
import {CruddurError, StateError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {displayPath} from '../sql-files/sql-file.js'
import {expandedText, statementTexts} from './expanded.js'
import {type Migration, readMigration, requireRunnable, type Section, storedSection} from './migration.js'
import type {MigrationFolder} from './migration-files.js'
import {requireUnchanged} from './pending.js'
import type {MigrationRecord, Records, StoredMigration} from './records.js'
import type {Task} from './run-migration.js'

/** A migration that is undone. */
export type DownTask = Task & {direction: 'down'}

interface Places {
  records: Records
  folder: MigrationFolder
  cwd: string
}

type StoredRow = {version: string} & {[Column in keyof StoredMigration]: StoredMigration[Column] | null}

/**
 * What undoes these migrations: the stored text, or that of the file for a migration that another program has applied.
 * @throws StateError (`migration_without_down`, `migrations_table_shared`)
 */
export async function downTasks(
  client: PostgresClient,
  wanted: readonly MigrationRecord[],
  places: Places,
): Promise<DownTask[]> {
  const {table} = places.records
  const rows = table.extended && wanted.length > 0 ? await readStored(client, table.name, wanted) : []
  const found = await Promise.all(
    wanted.map(async (record) => ({
      record,
      file: await fileOf(record.version, places),
      stored: rows.find(({version}) => version === record.version),
    })),
  )
  const without = found.filter(({stored, file}) => downOf(stored, file) === undefined)
  if (without.length > 0) throw withoutDown(without.map(({record, file}) => file?.file ?? nameOf(record)))
  return found.map(({record, file, stored}) => taskOf(record, {file, stored}, places))
}

async function readStored(
  client: PostgresClient,
  table: string,
  wanted: readonly MigrationRecord[],
): Promise<StoredRow[]> {
  const {rows} = await client.query<StoredRow>(
    `select version, name, checksum, up, down from ${table} where version = any($1)`,
    [wanted.map(({version}) => version)],
  )
  return rows
}

/** The file of a version, if it is here and can be read. */
async function fileOf(version: string, {folder, cwd}: Places): Promise<Migration | undefined> {
  const file = folder.files.find((each) => each.version === version)
  if (file === undefined) return undefined
  return readMigration(file, cwd).catch((error: unknown) => {
    if (error instanceof CruddurError) return undefined
    throw error
  })
}

/** A migration that this program has applied has a checksum. */
function downOf(stored: StoredRow | undefined, file: Migration | undefined): string | Section | undefined {
  return stored === undefined || stored.checksum === null ? file?.down : (stored.down ?? undefined)
}

function taskOf(
  record: MigrationRecord,
  {file, stored}: {file: Migration | undefined; stored: StoredRow | undefined},
  {records, folder, cwd}: Places,
): DownTask {
  const {version} = record
  const down = downOf(stored, file)
  const inFile = file?.down && expandedText(file.down, cwd)
  const path = file?.path ?? join(folder.path, `${nameOf(record)}.sql`)
  if (typeof down === 'string' && records.table.shared && !isAlike(down, inFile)) throw shared(version, records)
  // The lines of errors are those of the file only if it has the same text.
  const isStored = typeof down === 'string' && down !== inFile
  const section = isStored ? storedSection(down, `${path} (as it was applied)`) : file?.down
  if (section === undefined) throw new TypeError('a migration without a down was refused before')
  if (isStored && !isAlike(down, inFile) && readsFiles.test(down)) throw readingFiles(version)
  requireUnchanged(displayPath(path, cwd), record.partial, expandedText(section, cwd))
  const name = displayPath(section.input.path, cwd)
  requireRunnable({file: name, version}, section)
  const text = {name: stored?.name ?? '', checksum: '', up: '', down: isStored ? down : (inFile ?? null)}
  return {version, file: displayPath(path, cwd), direction: 'down', section, stored: text, record}
}

const isAlike = (one: string, other: string | undefined): boolean =>
  other !== undefined && statementTexts(one).join('\0') === statementTexts(other).join('\0')

const nameOf = ({version, name}: MigrationRecord): string => (name === null ? version : `${version}_${name}`)

/** psql commands that read files of the user, which only a file of the user may do. */
const readsFiles = /^[ \t]*\\(?:i|ir|include|include_relative|copy|cd)\b/m

function readingFiles(version: string): StateError {
  return new StateError(
    `The down of ${version} that was stored reads a file, and is not that of its file here. Nothing was changed.`,
    {code: 'migration_down_reads_files', next: ['Undo it where its file is.'], details: {version}},
  )
}

function withoutDown(files: string[]): StateError {
  return new StateError(
    `${files.join(', ')} ${files.length === 1 ? 'has' : 'have'} no down, so ${files.length === 1 ? 'it' : 'they'} cannot be undone. Nothing was changed.`,
    {
      code: 'migration_without_down',
      next: ['Write a new migration that undoes it.'],
      details: {files},
    },
  )
}

function shared(version: string, {table}: Records): StateError {
  return new StateError(
    `The down of ${version} is not that of its file here, and other roles than its owner may write to ${table.schema}.schema_migrations. Nothing was changed.`,
    {
      code: 'migrations_table_shared',
      next: [
        `Take the right to write from them, for example: revoke insert, update, trigger on ${table.name} from public;`,
        'Or undo it where its file is.',
      ],
      details: {version},
    },
  )
}
