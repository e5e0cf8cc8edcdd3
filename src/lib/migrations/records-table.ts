import {StateError} from '../errors.js'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'

/** The table that records which migrations are applied: that of dbmate, with columns of ours. */
export interface RecordsTable {
  /** The name as SQL, with its schema. */
  name: string
  schema: string
  exists: boolean
  /** Whether it has our columns. */
  extended: boolean
  /** Whether the server is a read-only copy of another one. */
  standby: boolean
  /** Whether roles besides the owner may write to it. */
  shared: boolean
  /** Other schemas that have such a table. */
  elsewhere: string[]
}

interface FoundTable {
  schema: string
  kind: string
  owner: string
  columns: Record<string, {type: string; required: boolean}>
  rails: boolean
  readable: boolean
  trusted: boolean
  shared: boolean
}

const tableName = 'schema_migrations'

/** Our columns. All may be null, because dbmate does not know them. */
const ownColumns: Readonly<Record<string, string>> = {
  name: 'text',
  checksum: 'text',
  applied_at: 'timestamptz',
  applied_by: 'text',
  duration: 'interval',
  up: 'text',
  down: 'text',
  statement: 'integer',
  running: 'text',
}

/**
 * Finds the table. Nothing is changed.
 * @throws StateError (`migrations_table_foreign`, `migrations_table_untrusted`, `schema_missing`)
 */
export async function findRecordsTable(client: PostgresClient, {onlyReads = false} = {}): Promise<RecordsTable> {
  const {rows} = await client.query<{schema: string | null; standby: boolean; tables: FoundTable[]}>(
    catalogQuery('migrations-table'),
  )
  const [found] = rows
  if (found === undefined) throw new TypeError('migrations-table.sql selects one row')
  const {schema, standby, tables} = found
  if (schema === null) throw withoutSchema()
  const table = tables.find((each) => each.schema === schema)
  if (table !== undefined) refuseForeign(table, onlyReads)
  return {
    name: `${escapeIdentifier(schema)}.${tableName}`,
    schema,
    exists: table !== undefined,
    extended: table !== undefined && Object.keys(ownColumns).every((column) => column in table.columns),
    standby,
    shared: table?.shared === true,
    elsewhere: tables
      .filter((each) => each.schema !== schema && 'version' in each.columns && each.readable)
      .map((each) => each.schema),
  }
}

/** The name of the table in another schema, as SQL. */
export function tableIn(schema: string): string {
  return `${escapeIdentifier(schema)}.${tableName}`
}

/**
 * The statements that make the table as dbmate does, or add our columns to it. Rows that are there already keep null in
 * them, so the defaults come after the columns.
 */
export function prepareStatements({name, exists, extended}: RecordsTable): string[] {
  if (exists && extended) return []
  const columns = Object.entries(ownColumns).map(([column, type]) => `add column if not exists ${column} ${type}`)
  return [
    ...(exists ? [] : [`create table if not exists ${name} (version character varying primary key)`]),
    `alter table ${name} ${columns.join(', ')}`,
    `alter table ${name} alter column applied_at set default pg_catalog.now(), alter column applied_by set default session_user`,
  ]
}

/** @throws StateError (`standby`) */
export function refuseStandby({standby}: RecordsTable): void {
  if (!standby) return
  throw new StateError('The server is a read-only standby. Nothing was changed.', {
    code: 'standby',
    next: ['Use the URL of the primary server.'],
  })
}

function refuseForeign(table: FoundTable, onlyReads: boolean): void {
  const {schema, kind, columns, owner, rails, trusted} = table
  const where = `${schema}.${tableName}`
  const of = programOf(table)
  const required = Object.entries(columns).filter(([column, {required: needed}]) => needed && column !== 'version')
  const usable = /^[rp]$/.test(kind) && /^(character varying|text|character)$/.test(columns['version']?.type ?? '')
  if (of !== undefined || !usable || required.length > 0)
    throw new StateError(
      `${where} is not a table of dbmate or of this program${of === undefined ? '' : `, but of ${of}`}. Nothing was changed.`,
      {
        code: 'migrations_table_foreign',
        next: [
          rails
            ? 'Go on with Rails, or rename its tables schema_migrations and ar_internal_metadata first.'
            : 'Rename that table, or use another schema: add ?options=-csearch_path%3Dname to the URL.',
        ],
        details: {table: where, program: of ?? null},
      },
    )
  // Who only reads runs no trigger.
  if (!trusted && !onlyReads)
    throw new StateError(
      `${where} belongs to the role ${owner}, whose triggers on it would run with your rights. Nothing was changed.`,
      {
        code: 'migrations_table_untrusted',
        next: [`Connect as ${owner}, or give the table to the owner of the database.`],
        details: {table: where, owner},
      },
    )
}

function programOf({columns, rails}: FoundTable): string | undefined {
  if (rails) return 'Rails'
  if ('dirty' in columns) return 'golang-migrate'
  if ('inserted_at' in columns) return 'Ecto'
  return undefined
}

function withoutSchema(): StateError {
  return new StateError(
    'The search_path leads to no schema in which schema_migrations could be. Nothing was changed.',
    {
      code: 'search_path_empty',
      next: ['Create the schema, or set the search_path of the role to one that exists.'],
    },
  )
}
