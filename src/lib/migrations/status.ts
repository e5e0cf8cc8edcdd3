import {diffLines} from 'diff'
import type {OperationContext} from '../access/context.js'
import {CheckError, CruddurError, InterruptedError} from '../errors.js'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import {withClient} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {displayPath} from '../sql-files/sql-file.js'
import {readMigration} from './migration.js'
import {findMigrations, lookForMigrations, type MigrationFile, type MigrationFolder} from './migration-files.js'
import {
  type MigrationRecord,
  readRecords,
  type Records,
  refuseElsewhere,
  storedOf,
  type StoredMigration,
} from './records.js'

/** `missing`: applied, but its file is not here. `edited`: applied, and its file has other statements now. */
export type MigrationState = 'applied' | 'pending' | 'edited' | 'missing' | 'half done' | 'half undone'

export interface MigrationStatus {
  version: string
  name: string | null
  /** Null if it is not here. */
  file: string | null
  state: MigrationState
  /** Whether it is pending, but older than the newest applied one. */
  outOfOrder: boolean
  /** In ISO 8601; null if another program has applied it. */
  appliedAt: string | null
  appliedBy: string | null
  durationMs: number | null
  /** Of a half-done migration: how many statements have run. */
  statements: number | null
  /** Of an edited one: the lines that differ, `-` of what was applied, `+` of the file. */
  changes: string[] | null
  /** Why the file cannot be read. */
  problem: string | null
}

export interface StatusResult {
  database: string
  folder: string
  /** The table of the records; null if there is none yet. */
  table: string | null
  migrations: MigrationStatus[]
  /** Indexes that a failed CREATE INDEX CONCURRENTLY may have left. */
  invalidIndexes: string[]
}

export interface StatusOptions {
  cwd: string
  dir?: string
}

/** Compares the files with what is recorded in the database. Nothing is changed. */
export async function migrationStatus(options: StatusOptions, context: OperationContext): Promise<StatusResult> {
  const folder = findMigrations(options.cwd, options.dir)
  const {target, signal, preconnection} = context
  return withClient(target.url, {signal, preconnection}, (client) => statusOn(client, folder, options.cwd))
}

/** Whether all migrations are applied as they are here, and no index is invalid. */
export function isClean({migrations, invalidIndexes}: StatusResult): boolean {
  return invalidIndexes.length === 0 && migrations.every(({state, problem}) => state === 'applied' && problem === null)
}

/** The failure of `migrate:status --check`. */
export function uncleanStatus(result: StatusResult, summary: string): CheckError {
  return new CheckError(summary, {code: 'migrations_differ', details: {...result}})
}

/** Like {@link migrationStatus}, on a connection. */
async function statusOn(client: PostgresClient, folder: MigrationFolder, cwd: string): Promise<StatusResult> {
  const records = await readRecords(client, {onlyReads: true})
  const {table, byVersion} = records
  await refuseElsewhere(
    client,
    records,
    folder.files.map(({version}) => version),
  )
  const newest = [...byVersion.values()].reduce(
    (max, record) => (record.partial === null && record.version > max ? record.version : max),
    '',
  )
  const here = await Promise.all(folder.files.map((file) => statusOfFile(client, file, records, {cwd, newest})))
  const missing = [...byVersion.values()]
    .filter(({version}) => !folder.files.some((file) => file.version === version))
    .map((record): MigrationStatus => ({...plain(record), file: null, state: stateOfRecord(record) ?? 'missing'}))
  const {rows} = await client.query<{name: string}>(catalogQuery('invalid-indexes'))
  return {
    database: client.database ?? '',
    folder: displayPath(folder.path, cwd),
    table: table.exists ? `${table.schema}.schema_migrations` : null,
    migrations: [...here, ...missing].sort((a, b) => (a.version < b.version ? -1 : 1)),
    invalidIndexes: rows.map(({name}) => name),
  }
}

async function statusOfFile(
  client: PostgresClient,
  found: MigrationFile,
  {table, byVersion}: Records,
  {cwd, newest}: {cwd: string; newest: string},
): Promise<MigrationStatus> {
  const record = byVersion.get(found.version)
  const file = displayPath(found.path, cwd)
  const status = {...plain(record ?? pendingRecord(found)), name: found.name, file}
  let stored: StoredMigration
  try {
    stored = storedOf(await readMigration(found, cwd), cwd)
  } catch (error) {
    if (!(error instanceof CruddurError)) throw error
    return {
      ...status,
      state: record === undefined ? 'pending' : (stateOfRecord(record) ?? 'edited'),
      problem: error.message,
    }
  }
  if (record === undefined) return {...status, state: 'pending', outOfOrder: found.version < newest}
  const unfinished = stateOfRecord(record)
  if (unfinished !== undefined) return {...status, state: unfinished}
  if (record.checksum === null || record.checksum === stored.checksum) return {...status, state: 'applied'}
  return {...status, state: 'edited', changes: await changesOf(client, table.name, found.version, stored)}
}

function pendingRecord({version}: MigrationFile): MigrationRecord {
  return {
    ...{version, name: null, checksum: null},
    ...{appliedAt: null, appliedBy: null, durationMs: null, partial: null},
  }
}

function plain({version, name, appliedAt, appliedBy, durationMs, partial}: MigrationRecord): MigrationStatus {
  const {statements = null} = partial ?? {}
  const rest = {file: null, state: 'applied', outOfOrder: false, changes: null, problem: null} as const
  return {...rest, ...{version, name, appliedAt, appliedBy, durationMs, statements}}
}

function stateOfRecord({partial}: MigrationRecord): MigrationState | undefined {
  if (partial === null) return undefined
  return partial.direction === 'up' ? 'half done' : 'half undone'
}

/** The lines that differ between what was applied and the file. */
async function changesOf(
  client: PostgresClient,
  table: string,
  version: string,
  now: StoredMigration,
): Promise<string[]> {
  const {rows} = await client.query<{up: string | null; down: string | null}>(
    `select up, down from ${table} where version = $1`,
    [version],
  )
  if (rows[0]?.up === null || now.up === null) return ['(too long to be stored)']
  const whole = (up: string | null, down: string | null): string =>
    `${[up, down].flatMap((text) => (text === null ? [] : [text.trimEnd()])).join('\n')}\n`.replaceAll('\r\n', '\n')
  return diffLines(whole(rows[0]?.up ?? null, rows[0]?.down ?? null), whole(now.up, now.down)).flatMap(
    ({added, removed, value}) =>
      added || removed
        ? value
            .split('\n')
            .slice(0, -1)
            .map((line) => `${added ? '+' : '-'} ${line}`)
        : [],
  )
}

/** The row of doctor; undefined if there are no migrations. `command` lists them. */
export async function migrationsLayer(
  {cwd, command}: {cwd: string; command: string},
  {target, signal}: OperationContext,
): Promise<{status: 'ok' | 'warning'; detail: string} | undefined> {
  try {
    const folder = lookForMigrations(cwd)
    if (folder === undefined) return undefined
    const result = await withClient(target.url, {signal}, (client) => statusOn(client, folder, cwd))
    const counts = countStates(result)
    if (isClean(result)) return {status: 'ok', detail: counts}
    return {status: 'warning', detail: `${counts}. To list: ${command}`}
  } catch (error) {
    if (!(error instanceof CruddurError) || error instanceof InterruptedError) throw error
    return {status: 'warning', detail: `not checked: ${error.message}`}
  }
}

/** How many migrations are in which state, in words. */
export function countStates({migrations, invalidIndexes}: Pick<StatusResult, 'migrations' | 'invalidIndexes'>): string {
  const counts = new Map<string, number>()
  for (const {state} of migrations) counts.set(state, (counts.get(state) ?? 0) + 1)
  const parts = [...counts].map(([state, count]) => `${count} ${state}`)
  const invalid = invalidIndexes.length
  if (invalid > 0) parts.push(`${invalid} invalid ${invalid === 1 ? 'index' : 'indexes'}`)
  return parts.length === 0 ? 'no migrations' : parts.join(', ')
}
