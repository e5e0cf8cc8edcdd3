import {onBestServer} from '../dumps/best-server.js'
import {compareSchemas, type SchemaDifference} from '../dumps/compare.js'
import type {ScratchServer} from '../dumps/file-schema.js'
import {diffSchemas, lookForSchema, type SchemaDiffResult} from '../dumps/schema-diff.js'
import {CheckError, SqlError} from '../errors.js'
import {displayPath} from '../sql-files/sql-file.js'
import {onServer, schemaOfMigrations, withChain} from './chain.js'
import {type Migration, readMigration} from './migration.js'
import {findMigrations} from './migration-files.js'

export interface CheckOptions {
  cwd: string
  dir?: string
  /** Servers on which the migrations are run. */
  scratch: readonly ScratchServer[]
}

/** A down that does not undo its up. */
export interface DownProblem {
  file: string
  /** Why it failed; null if it has run and the schema differs. */
  reason: string | null
  /** `a` is the schema before the up, `b` the one after the down. */
  differences: SchemaDifference[]
}

export interface CheckResult {
  folder: string
  migrations: number
  /** How many downs were checked. */
  downs: number
  /** The files without a down. */
  withoutDown: string[]
  downProblems: DownProblem[]
  /** How the migrations differ from `sql/schema.sql`; null if there is no such file. */
  schema: SchemaDiffResult | null
}

/** Checks the migrations without a target: they make `sql/schema.sql`, and each down undoes its up. */
export async function checkMigrations(options: CheckOptions): Promise<CheckResult> {
  const {cwd, dir, scratch} = options
  const folder = findMigrations(cwd, dir)
  const migrations = await Promise.all(folder.files.map((file) => readMigration(file, cwd)))
  const files = lookForSchema(cwd)
  const schema =
    files === undefined
      ? null
      : await diffSchemas({
          a: {
            label: displayPath(folder.path, cwd),
            schemaOn: (server) => schemaOfMigrations(migrations, cwd, server),
          },
          b: {label: displayPath(files.path, cwd), files},
          ...{cwd, scratch, owners: false, database: 'app'},
        })
  const downProblems = await onBestServer(scratch, (server) => checkDowns(migrations, options, server))
  return {
    folder: displayPath(folder.path, cwd),
    migrations: migrations.length,
    downs: migrations.filter(({down}) => down !== undefined).length,
    withoutDown: migrations.flatMap(({down, file}) => (down === undefined ? [file] : [])),
    downProblems,
    schema,
  }
}

/** The failure of a check that has found something. */
export function failedCheck(result: CheckResult, summary: string): CheckError {
  return new CheckError(summary, {code: 'migrations_differ', details: {...result}})
}

/** Whether the migrations make what `sql/schema.sql` has, if there is one. */
export function isSame(schema: CheckResult['schema']): boolean {
  return schema === null || (schema.differences.length === 0 && schema.skipped.length === 0)
}

export function isPassed({downProblems, schema}: CheckResult): boolean {
  return downProblems.length === 0 && isSame(schema)
}

/** Runs each migration up, down and up again. After a down that fails, the rest goes on in a new database. */
async function checkDowns(
  migrations: readonly Migration[],
  {cwd}: CheckOptions,
  server: ScratchServer,
): Promise<DownProblem[]> {
  const problems: DownProblem[] = []
  let at = 0
  while (at < migrations.length) {
    await onServer(server, (context) =>
      withChain(context, cwd, async (chain) => {
        for (const migration of migrations.slice(0, at)) await chain.run(migration, 'up')
        let before = ''
        let known = false
        for (; at < migrations.length;) {
          const migration = migrations[at] as Migration
          at++
          if (migration.down !== undefined && !known) before = (await chain.schema()).sql
          await chain.run(migration, 'up')
          known = false
          if (migration.down === undefined) continue
          const problem = await tryDown(
            migration,
            () => chain.run(migration, 'down'),
            async () => compareSchemas(before, (await chain.schema()).sql),
          )
          if (problem !== undefined) {
            problems.push(problem)
            return
          }
          await chain.run(migration, 'up')
          before = (await chain.schema()).sql
          known = true
        }
      }),
    )
  }
  return problems
}

async function tryDown(
  {file}: Migration,
  run: () => Promise<void>,
  compare: () => Promise<SchemaDifference[]>,
): Promise<DownProblem | undefined> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return {file, reason: error.message, differences: []}
  }
  // A column that was dropped can only come back as the last.
  const differences = (await compare()).filter(({object, orderOnly}) => !orderOnly || !object.startsWith('table '))
  return differences.length === 0 ? undefined : {file, reason: null, differences}
}
