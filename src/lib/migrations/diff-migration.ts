import {mkdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {OperationContext} from '../access/context.js'
import {onBestServer} from '../dumps/best-server.js'
import type {ScratchServer} from '../dumps/file-schema.js'
import {schemaFiles} from '../dumps/schema-diff.js'
import {readSchema} from '../dumps/schema-dump.js'
import {
  type ChangeSide,
  type ChangeSql,
  type ChangeStep,
  proposeChange,
  type SchemaChange,
} from '../schema-change/change.js'
import {type Answer, type Choices, keyOfShown, type Loss} from '../schema-change/questions.js'
import {fileSide, targetSide, withoutRecords} from '../schema-change/sides.js'
import {displayPath, type FoundScripts} from '../sql-files/sql-file.js'
import {baselineOf, baselineText} from './baseline.js'
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
  /** The migration that makes what was there before, in a project without migrations. */
  baseline: WrittenMigration | null
  /** In their order; none if the schemas are the same. */
  files: WrittenMigration[]
  /** Null if there was only the baseline to write, since nothing was there to compare `sql/schema.sql` with. */
  change: SchemaChange | null
  /** What the migrations do, measured on a copy; null if there are none. */
  plan: MigrationPlan | null
}

/**
 * Writes the migrations that change what the migrations make, or a database has, into what `sql/schema.sql` says. What is
 * not proved is written with comments. In a project without migrations, a baseline comes first: what the database has, or
 * else what the file has now.
 * @throws UsageError (`choice_missing`, `choice_unknown`, `migration_name_invalid`), ConfigurationError (`schema_file_missing`, `baseline_incomplete`), SqlError
 */
export async function diffMigration(options: DiffMigrationOptions): Promise<DiffMigrationResult> {
  const {cwd, dir, from, now} = options
  const words = fileWords(options.name)
  const found = lookForMigrations(cwd, dir)
  const files = schemaFiles(cwd)
  const isFirst = (found?.files.length ?? 0) === 0
  const side =
    from === undefined
      ? await migrationsSide(cwd, dir)
      : targetSide(from.target.name, from, {cwd, database: from.target.url.database})
  const change = isFirst && from === undefined ? null : await changeTo(files, side, options)
  const base = isFirst ? await baseline(options) : undefined
  const folder = found?.path ?? newMigrationFolder(cwd, dir)
  const texts = [
    ...(base === undefined ? [] : [{name: 'baseline', text: base}]),
    ...(change?.steps ?? []).map((step, _, {length}) => ({
      name: `${words}${length === 1 ? '' : step.suffix}`,
      text: migrationText(step),
    })),
  ]
  const written = await writeAll(texts, folder, nextVersion(now, found))
  const steps = base === undefined ? written : written.slice(1)
  const shown = ({path, version}: MigrationFile): WrittenMigration => ({file: displayPath(path, cwd), version})
  return {
    baseline: base === undefined ? null : (written.slice(0, 1).map(shown)[0] ?? null),
    files: steps.map(shown),
    change,
    plan: steps.length === 0 ? null : await measure(steps, side, options),
  }
}

function changeTo(
  files: FoundScripts,
  from: ChangeSide,
  {cwd, from: context, scratch, choices, ask, plain, rebuild}: DiffMigrationOptions,
): Promise<SchemaChange> {
  return proposeChange({
    ...{from, to: fileSide(files, {cwd, database: context?.target.url.database ?? 'app'})},
    ...{scratch, choices, ask, plain, down: true},
    rebuilt: new Set(rebuild.map(keyOfShown)),
    ...rowsOf(context),
  })
}

async function baseline({cwd, from, scratch}: DiffMigrationOptions): Promise<string | undefined> {
  if (from === undefined) return baselineOf({cwd, scratch})
  const {sql} = await readSchema({}, from)
  return baselineText(from.target.name, sql)
}

/** The plan for the database, or for what the migrations make, of which nobody knows how large its tables are. */
async function measure(
  written: readonly MigrationFile[],
  side: ChangeSide,
  {cwd, from, scratch}: DiffMigrationOptions,
): Promise<MigrationPlan> {
  const pending = await Promise.all(
    written.map(async (file): Promise<Pending> => ({migration: await readMigration(file, cwd), done: 0})),
  )
  if (from !== undefined) return measurePlan({cwd, pending, scratch}, from)
  return onBestServer(scratch, async (server) =>
    side.load(await server.open(), (loaded) =>
      measurePlan({cwd, pending, scratch: [server], unknownSizes: true}, loaded.scratch),
    ),
  )
}

async function migrationsSide(cwd: string, dir: string | undefined): Promise<ChangeSide> {
  const folder = lookForMigrations(cwd, dir)
  const migrations = await Promise.all(
    (folder?.files ?? []).map((file): Promise<Migration> => readMigration(file, cwd)),
  )
  return {
    label: displayPath(folder?.path ?? newMigrationFolder(cwd, dir), cwd),
    load: (server, use) =>
      withMigrated(server, migrations, cwd, (scratch) => withoutRecords({scratch, skipped: []}, use)),
  }
}

/** Writes all files or none. */
async function writeAll(
  texts: readonly {name: string; text: string}[],
  folder: string,
  first: string,
): Promise<MigrationFile[]> {
  if (texts.length === 0) return []
  await mkdir(folder, {recursive: true}).catch((error: unknown) => {
    throw unwritable(folder, error)
  })
  const written: MigrationFile[] = []
  let version = first
  for (const {name, text} of texts) {
    const path = join(folder, `${version}_${name}.sql`)
    try {
      await writeNew(path, text)
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
  const nothing = {transaction: true, sql: '-- There is nothing to undo.\nSELECT 1;'}
  return [part('up', up), part('down', down === null || down.sql === '' ? nothing : down)].join('\n')
}
