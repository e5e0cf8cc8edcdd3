import {sqlStateOf} from '../connect/failures.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {escapeIdentifier} from '../wire/escape.js'
import {catalogQuery} from './catalog.js'

/** A table that holds rows. */
export interface FilledTable {
  /** The name as SQL, with the schema if it is needed on this connection. */
  name: string
  schema: string
  table: string
  /** The approximate number of rows; null if it is not known. */
  rows: number | null
  /** The tables that it is a partition of or inherits from, directly or not: dropping or truncating them affects it too. */
  ancestors: {schema: string; table: string}[]
}

type CountedTable = Omit<FilledTable, 'rows'> & {estimate: number; readable: boolean}

/** Counts at most this many rows in each table, and reads at most this many tables, because reading locks them. */
const max = {rows: 1000, tables: 100}

/**
 * The user tables that hold rows, those with the most rows first. A table that uses disk space may still be empty, and
 * only reading it shows that. Tables that this role may not read, and those after the first 100, count as filled.
 */
export async function filledTables(client: PostgresClient): Promise<FilledTable[]> {
  const {rows: candidates} = await client.query<CountedTable>(catalogQuery('filled-tables'))
  const readable = candidates.filter((candidate) => candidate.readable).slice(0, max.tables)
  const counts = await countSome(client, readable)
  return candidates.flatMap(({name, schema, table, ancestors, estimate}) => {
    const counted = counts.get(name)
    if (counted === 0) return []
    const rows = counted === undefined || counted === max.rows ? Math.max(estimate, counted ?? 0) : counted
    return [{name, schema, table, ancestors, rows: rows === 0 ? null : rows}]
  })
}

/** Counts the rows of each table, up to the maximum. Returns nothing if one table was dropped or cannot be read. */
async function countSome(client: PostgresClient, tables: CountedTable[]): Promise<Map<string, number>> {
  if (tables.length === 0) return new Map()
  const counts = tables.map(({schema, table}, index) => {
    const source = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`
    return `select ${index} as index, pg_catalog.count(*)::int as rows from (select from ${source} limit ${max.rows}) as first`
  })
  try {
    const {rows} = await client.query<{index: number; rows: number}>(counts.join(' union all '))
    return new Map(rows.map(({index, rows: counted}) => [tables[index]?.name ?? '', counted]))
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error
    return new Map()
  }
}
