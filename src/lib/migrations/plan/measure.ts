import {ConfigurationError, SqlError} from '../../errors.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {hasOpenTransaction} from '../../postgres/wire/script-wire.js'
import {sqlFailure} from '../../postgres/connect/failures.js'
import {escapeLiteral} from '../../postgres/wire/escape.js'
import {forgetAllButLocks} from '../../postgres/wire/session-reset.js'
import type {Place} from '../../sql-files/place.js'
import {valuesOfSession} from '../../sql-files/session-names.js'
import {ScriptWalk} from '../../sql-files/walk.js'
import type {Migration} from '../migration.js'
import type {StatementFacts} from './changes.js'
import {CopySink} from './copy-sink.js'
import {Recorder} from './recorder.js'
import {type RelationState, wholeName} from './relations.js'
import type {Unmeasured} from './types.js'

/** A pending migration. */
export interface Pending {
  migration: Migration
  /** The number of its statements that ran already, with settings and COPY, and without psql commands. */
  done: number
}

/** What a migration did to the copy. */
export interface MeasuredMigration {
  migration: Migration
  /** The statements of each of its transactions. */
  transactions: StatementFacts[][]
  /** The tables after it. */
  after: ReadonlyMap<number, RelationState>
  /** Old names of renamed tables that something has again, with their schemas. */
  namesInUse: ReadonlySet<string>
}

export interface Measured {
  /** The tables before the first migration. */
  initial: ReadonlyMap<number, RelationState>
  migrations: MeasuredMigration[]
  unmeasured: Unmeasured[]
}

export interface MeasureOptions {
  cwd: string
  /** The name of the database in the files. */
  database: string
  /** The search_path of a session on the target. */
  searchPath: string
}

/** Runs the migrations in order on a copy, and commits each as on the target. */
export async function measureMigrations(
  client: PostgresClient,
  pending: readonly Pending[],
  options: MeasureOptions,
): Promise<Measured> {
  const recorder = await Recorder.start(client)
  const unmeasured: Unmeasured[] = []
  const migrations: MeasuredMigration[] = []
  for (const each of pending) {
    recorder.transactions = []
    await reset(client, options)
    const sink = new CopySink(client, {
      transaction: each.migration.up.transaction,
      version: each.migration.version,
      database: options.database,
      done: each.done,
      recorder,
      unmeasured: (entry) => void unmeasured.push(entry),
    })
    unmeasured.push(...(await run(client, sink, recorder, each.migration, options)))
    const {transactions, relations} = recorder
    const names = await namesInUse(client, transactions)
    migrations.push({migration: each.migration, transactions, after: new Map(relations), namesInUse: names})
  }
  return {initial: recorder.initial, migrations, unmeasured}
}

/**
 * Each migration begins with the settings of a new session. Without its counters, scans could not be seen; a statement that
 * waits for something would wait here, too.
 */
async function reset(client: PostgresClient, {searchPath}: MeasureOptions): Promise<void> {
  await forgetAllButLocks(client)
  await client.query(
    `set statement_timeout = '1min';
     select pg_catalog.set_config('track_counts', 'on', false) where pg_catalog.current_setting('track_counts') <> 'on';
     select pg_catalog.set_config('search_path', ${escapeLiteral(searchPath)}, false)`,
  )
}

async function run(
  client: PostgresClient,
  sink: CopySink,
  recorder: Recorder,
  {file, version, up}: Migration,
  {cwd, database}: MeasureOptions,
): Promise<Unmeasured[]> {
  const session = {client, database}
  const ignore = (): void => undefined
  const walk = new ScriptWalk(sink, {
    ...{cwd, session, mayBeEmpty: true, values: valuesOfSession(session)},
    ...{echo: ignore, remark: ignore, warn: ignore, progress: ignore},
  })
  const problems: Unmeasured[] = []
  if (up.transaction) await sink.begin()
  try {
    await walk.run(up.input)
  } catch (error) {
    problems.push(rest(error, file, version))
  }
  try {
    if (hasOpenTransaction(client)) await client.query('commit')
  } catch (error) {
    const failure = sqlFailure(error)
    if (!(failure instanceof SqlError)) throw error
    await recorder.refresh()
    problems.push({migration: version, file, line: null, statement: 'commit', reason: failure.message, fails: true})
  }
  return problems
}

/** The names of renamed tables that something has again, for example a view for programs that use the old name. */
async function namesInUse(client: PostgresClient, transactions: readonly StatementFacts[][]): Promise<Set<string>> {
  const names = transactions.flat().flatMap(({renamedTables}) => renamedTables.map(({before}) => wholeName(before)))
  if (names.length === 0) return new Set()
  const {rows} = await client.query<{name: string}>(
    'select name from pg_catalog.unnest($1::text[]) as name where pg_catalog.to_regclass(name) is not null',
    [names],
  )
  return new Set(rows.map(({name}) => name))
}

/** What is wrong with a file is reported by the run, too; what depends on rows is wrong only on the copy. */
function rest(error: unknown, file: string, version: string): Unmeasured {
  if (!(error instanceof SqlError || error instanceof ConfigurationError)) throw error
  const place = error.details['place'] as Place | undefined
  const reason = `The file was not read from here on: ${error.message}`
  return {
    migration: version,
    file: place?.file ?? file,
    line: place?.line ?? null,
    statement: place?.text.trim() ?? '',
    reason,
    fails: false,
  }
}
