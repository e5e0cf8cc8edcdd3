import {catalogQuery} from '../../postgres/catalog/catalog.js'
import {sqlStateOf} from '../../postgres/connect/failures.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../../postgres/wire/escape.js'
import type {InvalidIndex} from './types.js'

/** The size of a table, with its partitions. */
export interface TableSize {
  /** With indexes and TOAST. */
  bytes: number
  /** The server's estimate; null if it has none. */
  rows: number | null
}

export interface TargetFacts {
  /** By {@link tableKey}. */
  tables: Map<string, TableSize>
  invalid: (InvalidIndex & {key: string})[]
  searchPath: string
}

interface TableRow extends TableSize {
  oid: number
  schema: string
  name: string
  parent: number | null
  /** The size of the rows alone. */
  used: number
  rows: number
}

/** How a table of the target is found by that of the copy. */
export function tableKey({schema, name}: {schema: string; name: string}): string {
  return JSON.stringify([schema, name])
}

const lockNotAvailable = '55P03'

/** Reads what is needed of the target, and waits for nobody. */
export async function readTarget(client: PostgresClient): Promise<TargetFacts> {
  const tables = await reading(client, (exact) => client.query<TableRow>(catalogQuery('plan-tables'), [exact]))
  const invalid = await client.query<InvalidIndex & {prefix: string; schema: string; name: string}>(
    catalogQuery('plan-invalid-indexes'),
  )
  const session = await client.query<{path: string}>(catalogQuery('plan-session'))
  return {
    tables: withPartitions(tables.rows),
    invalid: invalid.rows.map(({prefix, index, table, schema, name}) => ({
      ...{table: prefix + table, index: prefix + index, key: tableKey({schema, name})},
    })),
    searchPath: session.rows[0]?.path ?? '',
  }
}

/** Runs `read` with true or, if somebody holds an exclusive lock on a table, with false. */
async function reading<T>(client: PostgresClient, read: (exact: boolean) => Promise<T>): Promise<T> {
  try {
    return await readOnly(client, () => read(true))
  } catch (error) {
    if (sqlStateOf(error) !== lockNotAvailable) throw error
    return read(false)
  }
}

/** In a transaction, so that the settings also hold behind a pooler. */
export async function readOnly<T>(client: PostgresClient, read: () => Promise<T>): Promise<T> {
  await client.query('begin read only')
  try {
    await client.query(
      "set local lock_timeout = '1s'; set local statement_timeout = '10s'; set local row_security = off",
    )
    return await read()
  } finally {
    // A lost connection is reported by the reading itself.
    await client.query('rollback').catch(() => undefined)
  }
}

function withPartitions(rows: readonly TableRow[]): TargetFacts['tables'] {
  const children = new Map<number, TableRow[]>()
  for (const row of rows) if (row.parent !== null) children.set(row.parent, [...(children.get(row.parent) ?? []), row])
  const sizeOf = ({oid, bytes, rows: estimate, used}: TableRow): TableSize => {
    const parts = (children.get(oid) ?? []).map(sizeOf)
    const own = estimate > 0 ? estimate : used === 0 ? 0 : null
    return [{bytes, rows: own}, ...parts].reduce((sum, part) => ({
      bytes: sum.bytes + part.bytes,
      rows: sum.rows === null || part.rows === null ? null : sum.rows + part.rows,
    }))
  }
  return new Map(rows.map((row) => [tableKey(row), sizeOf(row)]))
}

/** Something of the target that is lost or concerned if there are rows. */
export interface Question {
  schema: string
  name: string
  /** Undefined for the table itself. */
  column?: string
}

/** More rows than that are not counted. */
const maxCounted = 1000

/**
 * Whether tables of the target have rows, or columns have values, in the order of the questions. What cannot be read counts
 * as filled, and so does a column without a value in the first rows of a large table, unless the server's statistics
 * know better.
 */
export async function areFilled(client: PostgresClient, questions: readonly Question[]): Promise<boolean[]> {
  const answers: boolean[] = []
  for (const question of questions) {
    try {
      answers.push(await readOnly(client, () => isFilled(client, question)))
    } catch (error) {
      if (sqlStateOf(error) === undefined) throw error
      answers.push(true)
    }
  }
  return answers
}

async function isFilled(client: PostgresClient, {schema, name, column}: Question): Promise<boolean> {
  const what = column === undefined ? '1' : escapeIdentifier(column)
  const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`
  const {rows} = await client.query<{rows: number; filled: number}>(
    `select pg_catalog.count(*)::int as rows, pg_catalog.count(value)::int as filled
     from (select ${what} as value from ${table} limit ${maxCounted}) as first`,
  )
  const {rows: counted = 0, filled = 0} = rows[0] ?? {}
  if (filled > 0 || counted < maxCounted) return filled > 0
  const statistics = await client.query<{empty: boolean}>(
    'select null_frac = 1 as empty from pg_catalog.pg_stats where schemaname = $1 and tablename = $2 and attname = $3',
    [schema, name, column],
  )
  return statistics.rows[0]?.empty !== true
}

/** Whether queries find rows, in their order; undefined for what cannot be answered in a few seconds. */
export async function findRows(client: PostgresClient, queries: readonly string[]): Promise<(boolean | undefined)[]> {
  const answers: (boolean | undefined)[] = []
  for (const query of queries) {
    try {
      const {rows} = await readOnly(client, () => client.query<{found: boolean}>(`select exists (${query}) as found`))
      answers.push(rows[0]?.found)
    } catch (error) {
      // For example what a migration renames first has another name here.
      if (sqlStateOf(error) === undefined) throw error
      answers.push(undefined)
    }
  }
  return answers
}
