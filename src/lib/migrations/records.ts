import {StateError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeLiteral} from '../postgres/wire/escape.js'
import type {Migration} from './migration.js'
import {checksumOf, expandedText} from './expanded.js'
import {findRecordsTable, type RecordsTable, tableIn} from './records-table.js'

/** What is recorded of a migration. Most is null if another program has applied it. */
export interface MigrationRecord {
  version: string
  name: string | null
  checksum: string | null
  /** In ISO 8601. */
  appliedAt: string | null
  appliedBy: string | null
  durationMs: number | null
  /** Set if it is half done. */
  partial: Partial | null
}

/** How far a migration with `transaction:false` has come. */
export interface Partial {
  direction: 'up' | 'down'
  /** The number of finished statements. */
  statements: number
  /** The statement that was sent outside of a transaction and whose end was not recorded. */
  running: string | null
  /** The text whose statements those are. */
  text: string
}

export interface Records {
  table: RecordsTable
  /** By version. */
  byVersion: Map<string, MigrationRecord>
}

/** A half-done migration is recorded under another version, so that dbmate does not take it for applied. */
const partialSuffix = {up: ' (half done)', down: ' (half undone)'} as const

export type Direction = keyof typeof partialSuffix

interface Row {
  version: string
  name: string | null
  checksum: string | null
  applied_at: Date | null
  applied_by: string | null
  duration_ms: number | null
  statement: number | null
  running: string | null
  text: string | null
}

/** Reads what is recorded in a database. Nothing is changed. @throws StateError (`migrations_table_…`) */
export async function readRecords(client: PostgresClient, how: {onlyReads?: boolean} = {}): Promise<Records> {
  const table = await findRecordsTable(client, how)
  if (!table.exists) return {table, byVersion: new Map()}
  const {rows} = await client.query<Row>(
    table.extended
      ? `select version, name, checksum, applied_at, applied_by, (extract(epoch from duration) * 1000)::float8 as duration_ms, statement, running, case when statement is not null then coalesce(up, down) end as text from ${table.name}`
      : `select version, null as name, null as checksum, null as applied_at, null as applied_by, null as duration_ms, null::int as statement, null as running, null as text from ${table.name}`,
  )
  const byVersion = new Map<string, MigrationRecord>()
  for (const row of rows) {
    const [version, direction] = versionOf(row.version)
    // One that was begun, and of which nothing has run, is as if it had not been begun.
    if (direction !== undefined && (row.statement ?? 0) === 0 && row.running === null) continue
    // A migration that another program has finished is not half done.
    if (direction === 'up' && byVersion.get(version)?.partial === null) continue
    if (direction === undefined && byVersion.get(version)?.partial?.direction === 'down') continue
    byVersion.set(version, recordOf(row, version, direction))
  }
  return {table, byVersion}
}

function versionOf(written: string): [version: string, direction?: Direction] {
  for (const direction of ['up', 'down'] as const) {
    const suffix = partialSuffix[direction]
    if (written.endsWith(suffix)) return [written.slice(0, -suffix.length), direction]
  }
  return [written]
}

function recordOf(row: Row, version: string, direction: Direction | undefined): MigrationRecord {
  const {name, checksum, applied_at: at, applied_by: appliedBy, duration_ms: duration, statement, running, text} = row
  const partial = direction === undefined ? null : {direction, statements: statement ?? 0, running, text: text ?? ''}
  return {
    ...{version, name, checksum, appliedBy, partial},
    appliedAt: at?.toISOString() ?? null,
    durationMs: duration === null ? null : Math.round(duration),
  }
}

/**
 * Refuses to begin where the same migrations are recorded in another schema, because all of them would run again.
 * @throws StateError (`migrations_elsewhere`)
 */
export async function refuseElsewhere(
  client: PostgresClient,
  {table, byVersion}: Records,
  versions: readonly string[],
): Promise<void> {
  if (byVersion.size > 0) return
  for (const schema of table.elsewhere) {
    const {rows} = await client.query(`select from ${tableIn(schema)} where version::text = any($1) limit 1`, [
      versions,
    ])
    if (rows.length === 0) continue
    throw new StateError(
      `These migrations are recorded in ${schema}.schema_migrations, and the search_path leads to ${table.schema}. Nothing was changed.`,
      {
        code: 'migrations_elsewhere',
        next: [`To use that schema, add ?options=-csearch_path%3D${encodeURIComponent(schema)} to the URL.`],
        details: {schema, expected: table.schema},
      },
    )
  }
}

/** What is stored of a migration, besides its version. */
export interface StoredMigration {
  name: string
  checksum: string
  /** Null if it is too long. */
  up: string | null
  down: string | null
}

/** A longer up is not stored, because only its differences from the file are shown. */
const maxStoredLength = 1_000_000

export function storedOf({name, up, down}: Migration, cwd: string): StoredMigration {
  const texts = {up: expandedText(up, cwd), down: down === undefined ? null : expandedText(down, cwd)}
  const stored = texts.up.length > maxStoredLength ? null : texts.up
  return {name, checksum: checksumOf(texts.up, texts.down), up: stored, down: texts.down}
}

const literal = (value: string | null): string => (value === null ? 'null' : escapeLiteral(value))

/** Statements that record a migration as applied, in the transaction that applies it; the last one returns its id. */
export function recordApplied({name: table}: RecordsTable, version: string, stored: StoredMigration): string[] {
  const {name, checksum, up, down} = stored
  const values = [version, name, checksum, up, down].map(literal).join(', ')
  return [
    `insert into ${table} (version, name, checksum, up, down, duration) values (${values}, pg_catalog.clock_timestamp() - pg_catalog.now()) returning pg_catalog.pg_current_xact_id_if_assigned()`,
  ]
}

/** Records migrations as applied that were not run; those that are recorded already stay as they are. */
export function recordAll({name: table}: RecordsTable, all: readonly (StoredMigration & {version: string})[]): string {
  const values = all.map(
    ({version, name, checksum, up, down}) => `(${[version, name, checksum, up, down].map(literal).join(', ')})`,
  )
  return `insert into ${table} (version, name, checksum, up, down) values ${values.join(', ')} on conflict (version) do nothing`
}

/**
 * Statements that remove the record of a migration, also what another program has left of it that has finished a half-done
 * one; the last one returns the id of the transaction.
 */
export function removeRecord({name: table}: Pick<RecordsTable, 'name'>, version: string): string[] {
  return [
    `delete from ${table} where version in (${literal(version)}, ${partialKey(version, 'up')}) returning pg_catalog.pg_current_xact_id_if_assigned()`,
  ]
}

const partialKey = (version: string, direction: Direction): string => literal(`${version}${partialSuffix[direction]}`)

/** The file may have changed the role. Until the end of the transaction; what one message has is one. */
const asLogin = 'set local role none'

/** Writes down how far a migration has come, which runs outside of one transaction. */
export class PartialRecord {
  private readonly table: string
  private readonly key: string

  constructor(
    {name}: RecordsTable,
    private readonly version: string,
    private readonly direction: Direction,
    private readonly stored: StoredMigration,
    /** The whole text of the direction. */
    private readonly text: string,
  ) {
    this.table = name
    this.key = partialKey(version, direction)
  }

  /** Begins the record, or takes over the text of the file as it is now. */
  begin(): string {
    const {direction, stored, text, key, table} = this
    const values = [key, literal(stored.name), literal(text), '0'].join(', ')
    return `insert into ${table} (version, name, ${direction}, statement) values (${values}) on conflict (version) do update set ${direction} = excluded.${direction}, name = excluded.name`
  }

  /** After so many statements. */
  reached(statements: number): string {
    return `${asLogin}; update ${this.table} set statement = ${statements}, running = null where version = ${this.key}`
  }

  /** Before a statement that runs outside of a transaction. */
  running(statement: string): string {
    return `${asLogin}; update ${this.table} set running = ${literal(statement)} where version = ${this.key}`
  }

  /** Removes the record after a failure, if nothing has run. */
  forgetUnlessBegun(): string {
    return `delete from ${this.table} where version = ${this.key} and statement = 0 and running is null`
  }

  /** At the end: the migration is applied, or undone. */
  finished(): string[] {
    const forget = `delete from ${this.table} where version = ${this.key}`
    if (this.direction === 'down') return [forget, ...removeRecord({name: this.table}, this.version)]
    const {name, checksum, up, down} = this.stored
    const values = [this.version, name, checksum, up, down].map(literal).join(', ')
    return [
      `insert into ${this.table} (version, name, checksum, up, down, duration) select ${values}, pg_catalog.clock_timestamp() - applied_at from ${this.table} where version = ${this.key} on conflict (version) do nothing`,
      forget,
    ]
  }
}
