import {mkdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {OperationContext} from '../access/context.js'
import type {ScratchServer} from '../dumps/file-schema.js'
import {isUnavailable, schemaFiles} from '../dumps/schema-diff.js'
import {ConfigurationError} from '../errors.js'
import {
  type ChangeSide,
  type ChangeSql,
  type ChangeStep,
  proposeChange,
  type SchemaChange,
} from '../schema-change/change.js'
import {type Answer, type Choices, keyOfShown, type Loss} from '../schema-change/questions.js'
import {fileSide, targetSide, withoutRecords} from '../schema-change/sides.js'
import {displayPath} from '../sql-files/sql-file.js'
import {withMigrated} from './chain.js'
import {rowsOf} from './known-rows.js'
import {type Migration, readMigration} from './migration.js'
import {lookForMigrations, type MigrationFile, newMigrationFolder} from './migration-files.js'
import {fileWords, nextVersion, unwritable, versionAfter, writeNew} from './new-migration.js'
import type {Pending} from './plan/measure.js'
import {measurePlan, type MigrationPlan} from './plan/plan.js'

export interface DiffMigrationOptions {
  cwd: string
  dir?: string
  name: string
  now: Date
  scratch: readonly ScratchServer[]
  /** The database whose schema is changed; undefined for what the migrations make. */
  from?: OperationContext
  choices: Choices
  /** Tables that are made again, as people name them. */
  rebuild: readonly string[]
  plain: boolean
  ask: ((loss: Loss) => Promise<Answer>) | undefined
}

/** A migration that was written. */
export interface WrittenMigration {
  file: string
  version: string
}

export interface DiffMigrationResult {
  /** In their order; none if the schemas are the same. */
  files: WrittenMigration[]
  change: SchemaChange
  /** What the migrations do, measured on a copy; null if there are none, or if it cannot be measured. */
  plan: MigrationPlan | null
}

/**
 * Writes the migrations that change what the migrations make, or a database has, into what `sql/schema.sql` says. What is
 * not proved is written with comments.
 * @throws UsageError (`choice_missing`, `choice_unknown`, `migration_name_invalid`), ConfigurationError (`migrations_missing`, `schema_file_missing`), SqlError
 */
export async function diffMigration(options: DiffMigrationOptions): Promise<DiffMigrationResult> {
  const {cwd, dir, from, now} = options
  const words = fileWords(options.name)
  const found = lookForMigrations(cwd, dir)
  const files = schemaFiles(cwd)
  const side =
    from === undefined
      ? await migrationsSide(cwd, dir)
      : targetSide(from.target.name, from, {cwd, database: from.target.url.database})
  const change = await proposeChange({
    ...{from: side, to: fileSide(files, {cwd, database: from?.target.url.database ?? 'app'})},
    ...{scratch: options.scratch, choices: options.choices, ask: options.ask, plain: options.plain, down: true},
    rebuilt: new Set(options.rebuild.map(keyOfShown)),
    ...rowsOf(from),
  })
  const folder = found?.path ?? newMigrationFolder(cwd, dir)
  const written = await writeSteps(change, {folder, words, first: nextVersion(now, found)})
  return {
    files: written.map(({path, version}) => ({file: displayPath(path, cwd), version})),
    change,
    plan: written.length === 0 ? null : await measure(written, side, options),
  }
}

/** The plan for the database, or for what the migrations make, of which nobody knows how large its tables are. */
async function measure(
  written: readonly MigrationFile[],
  side: ChangeSide,
  {cwd, from, scratch}: DiffMigrationOptions,
): Promise<MigrationPlan | null> {
  const pending = await Promise.all(
    written.map(async (file): Promise<Pending> => ({migration: await readMigration(file, cwd), done: 0})),
  )
  if (from !== undefined) return measurePlan({cwd, pending, scratch}, from)
  for (const server of scratch) {
    try {
      return await side.load(await server.open(), (loaded) =>
        measurePlan({cwd, pending, scratch: [server], unknownSizes: true}, loaded.scratch),
      )
    } catch (error) {
      if (!isUnavailable(error)) throw error
    }
  }
  return null
}

async function migrationsSide(cwd: string, dir: string | undefined): Promise<ChangeSide> {
  const folder = lookForMigrations(cwd, dir)
  if (folder === undefined || folder.files.length === 0)
    throw new ConfigurationError('There are no migrations yet, so there is nothing to compare sql/schema.sql with.', {
      code: 'migrations_missing',
      next: ['To compare it with a database, use --from, for example: --from prod'],
    })
  const migrations = await Promise.all(folder.files.map((file): Promise<Migration> => readMigration(file, cwd)))
  return {
    label: displayPath(folder.path, cwd),
    load: (server, use) =>
      withMigrated(server, migrations, cwd, (scratch) => withoutRecords({scratch, skipped: []}, use)),
  }
}

interface Place {
  folder: string
  words: string
  first: string
}

/** Writes all files or none. */
async function writeSteps({steps}: SchemaChange, {folder, words, first}: Place): Promise<MigrationFile[]> {
  if (steps.length === 0) return []
  await mkdir(folder, {recursive: true}).catch((error: unknown) => {
    throw unwritable(folder, error)
  })
  const written: MigrationFile[] = []
  let version = first
  for (const step of steps) {
    const name = `${words}${steps.length === 1 ? '' : step.suffix}`
    const path = join(folder, `${version}_${name}.sql`)
    try {
      await writeNew(path, migrationText(step))
    } catch (error) {
      for (const file of written) await rm(file.path)
      throw error
    }
    written.push({version, name, path})
    version = versionAfter(version)
  }
  return written
}

function migrationText({up, down}: ChangeStep): string {
  const part = (direction: string, {transaction, sql}: ChangeSql): string =>
    `-- migrate:${direction}${transaction ? '' : ' transaction:false'}\n${sql}\n`
  return [part('up', up), part('down', down ?? {transaction: true, sql: ''})].join('\n')
}
