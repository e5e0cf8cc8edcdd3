import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {createBuilding} from '../databases/build.js'
import {replaceLocal, type Replacement, type ReplaceOptions, replaceWork} from '../databases/replace.js'
import {splitSections} from '../dumps/data/sections.js'
import {withSmallYoungGeneration} from '../dumps/data/young-generation.js'
import {withDumpSession} from '../dumps/dump-session.js'
import {foreignSchema, loadOneByOne, type SkippedStatement} from '../dumps/load-schema.js'
import {PgDump} from '../dumps/pg-dump/pg-dump.js'
import {portableSchema} from '../dumps/schema-text.js'
import {StateError, UsageError} from '../errors.js'
import {catalogQuery, serverIdentifier} from '../postgres/catalog/catalog.js'
import {withClient} from '../postgres/connect/client.js'
import {majorVersion} from '../postgres/connect/connect.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {advanceSequences} from '../schema-change/rows/sequences.js'
import type {Target} from '../targets/target.js'
import {hidden} from './hidden.js'
import {copyRows, onSource, type PulledTable, type Sessions} from './load.js'
import {type Mask, readMasks} from './masks.js'
import {foreignKeys, openKeys, prune, type Pruned, requireNoOrphans} from './orphans.js'
import {planPull, type PullPlan} from './plan.js'

export interface PullOptions extends ReplaceOptions {
  cwd: string
  /** psql's variables in the SELECTs. */
  variables: Readonly<Record<string, string>>
  /** Whether tables without a SELECT come as they are. */
  all: boolean
  /** Tables that come as they are, as written in SQL. */
  tables: readonly string[]
  /** Whether rows whose parent was not pulled are an error. Otherwise they are removed. */
  keepOrphans: boolean
  onProgress: (progress: PullProgress) => void
}

export interface PullProgress {
  /** The table whose rows are being copied. */
  table: string
  /** The bytes of rows so far. */
  bytes: number
}

export interface PullResult {
  source: string
  database: string
  tables: PulledTable[]
  /** Tables that are there without rows. */
  empty: string[]
  pruned: Pruned[]
  /** What the local server could not run, for example a policy for a role that it does not have. */
  skipped: SkippedStatement[]
  /** Whether the old database is kept for undo. */
  kept: boolean
}

const replacementBy = ({name}: Target): Replacement => ({what: 'Pulled rows are', effect: () => ({source: name})})

/** Describes what {@link pull} will do, for the guard. */
export function pullWork(options: ReplaceOptions, source: Target, local: Target): Work {
  return replaceWork(replacementBy(source), options, local)
}

/**
 * Builds a new local database from a source: its schema, then the rows that the SELECTs give on the source, then indexes,
 * keys and triggers. All is of one moment. Nothing is written there, and only what every SELECT locks is locked. The
 * local database stays as it is until the new one is complete.
 * @throws UsageError (`pull_into_source`), ConfigurationError (`pull_file_invalid`, `pull_columns`, `table_unknown`),
 * StateError (`source_newer`, `extension_missing`, `orphans`), SqlError without values of rows, ConnectionError
 */
export async function pull(
  options: PullOptions,
  source: OperationContext,
  local: OperationContext,
): Promise<PullResult> {
  const masks = await readMasks(options.cwd, options.variables)
  const {made, kept} = await replaceLocal(replacementBy(source.target), options, local, async ({client}, plan) =>
    withDumpSession(source, async (from) => {
      await requireOther({source, from}, {local, client})
      const schema = await schemaOf(source, from)
      const rows = await planned(from, masks, options)
      const building = await createBuilding(client, plan)
      const url = local.target.url.withDatabase(building.name)
      const pulled = await withClient(url, {signal: local.signal}, (into) =>
        new Pulling({source: from, url: source.target.url, local: into}, options, local).run(schema, rows),
      )
      return {building, made: pulled}
    }),
  )
  return {source: source.target.name, database: local.target.url.database, ...made, kept}
}

/** Refuses what cannot work before anything is made. */
async function requireOther(
  {source, from}: {source: OperationContext; from: PostgresClient},
  {local, client}: {local: OperationContext; client: PostgresClient},
): Promise<void> {
  const [here, there] = [await serverIdentifier(client), await serverIdentifier(from)]
  if (here !== undefined && here === there && source.target.url.database === local.target.url.database)
    throw new UsageError(`${source.target.name} and ${local.target.name} are the same database. Nothing was changed.`, {
      code: 'pull_into_source',
    })
  const [version, own] = [majorVersion(from), majorVersion(client)]
  if (version > own)
    throw new StateError(
      `${source.target.name} is Postgres ${version}, and ${local.target.name} is ${own}, which cannot have all of its schema. Nothing was changed.`,
      {
        code: 'source_newer',
        next: [`Use a local server of version ${version} or newer.`],
        details: {source: version, local: own},
      },
    )
  await requireExtensions(from, client, local)
}

async function requireExtensions(
  from: PostgresClient,
  client: PostgresClient,
  {target}: OperationContext,
): Promise<void> {
  const {rows} = await from.query<{name: string; needed: boolean}>(catalogQuery('pull-extensions'))
  const {rows: available} = await client.query<{name: string}>('select name from pg_catalog.pg_available_extensions')
  // One that nothing uses is left out, for example those of a cloud.
  const missing = rows
    .filter(({name, needed}) => needed && available.every((each) => each.name !== name))
    .map(({name}) => name)
  if (missing.length === 0) return
  throw new StateError(`${target.name} does not have ${missing.join(', ')}. Nothing was changed.`, {
    code: 'extension_missing',
    next: ['Install these extensions on the local server, or set CONNECTION_URL to one that has them.'],
    details: {extensions: missing},
  })
}

/** The schema around the rows. From here on, the session is in a transaction that only reads, and sees one moment. */
async function schemaOf(
  {target: {url}}: OperationContext,
  from: PostgresClient,
): Promise<{before: string; after: string}> {
  const args = [
    ...['--section=pre-data', '--section=post-data', '--no-owner', '--no-privileges'],
    ...['--no-publications', '--no-subscriptions'],
  ]
  return splitSections(portableSchema(await PgDump.load((pgDump) => pgDump.run(from, url, args))))
}

/** The SELECTs are written for the search path of the role. */
async function planned(from: PostgresClient, masks: readonly Mask[], {all, tables}: PullOptions): Promise<PullPlan> {
  await from.query('reset search_path')
  return planPull(from, {masks, all, tables})
}

const notFitting = 'The pulled rows do not fit the schema'

class Pulling {
  constructor(
    private readonly sessions: Sessions,
    private readonly options: PullOptions,
    private readonly context: OperationContext,
  ) {}

  async run(
    schema: {before: string; after: string},
    plan: PullPlan,
  ): Promise<Pick<PullResult, 'tables' | 'empty' | 'pruned' | 'skipped'>> {
    const {local} = this.sessions
    const {jobs, empty} = plan
    await keepOutOfLogs(local)
    // In one transaction, so that autovacuum does not see the tables yet: each index would wait a second for it.
    await local.query('begin')
    const skipped = await this.load(schema.before, 'The schema of the source fails here')
    const tables = await withSmallYoungGeneration(() =>
      copyRows(this.sessions, jobs, (table, bytes) => this.options.onProgress({table, bytes})),
    )
    const keys = openKeys(await onSource(this.sessions, foreignKeys), plan)
    if (this.options.keepOrphans) await requireNoOrphans(local, keys)
    const pruned = this.options.keepOrphans ? [] : await prune(local, keys)
    await advanceSequences(local)
    skipped.push(...(await this.load(schema.after, notFitting)))
    await local.query('commit').catch((error: unknown) => {
      throw hidden(error, notFitting)
    })
    return {tables, empty, pruned, skipped}
  }

  /** Indexes and constraints may be refused by the rows, in whose errors these are not shown. */
  private async load(sql: string, failing: string): Promise<SkippedStatement[]> {
    const {signal, target} = this.context
    const how = {cwd: this.options.cwd, database: target.url.database, owners: false, signal}
    const skipped = await loadOneByOne(this.sessions.local, [foreignSchema(sql)], how).catch((error: unknown) => {
      throw hidden(error, failing)
    })
    // pg_dump writes one for each extension.
    return skipped.filter(({statement}) => !statement.startsWith('COMMENT ON EXTENSION '))
  }
}

/** A server writes what fails into its log, with values of rows. Only a superuser can keep it from that. */
async function keepOutOfLogs(local: PostgresClient): Promise<void> {
  await local
    .query("set log_min_messages = panic; set log_min_error_statement = panic; set log_statement = 'none'")
    .catch(() => undefined)
}
