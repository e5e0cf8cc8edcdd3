import {sqlStateOf} from '../connect/failures.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {escapeIdentifier} from '../wire/escape.js'
import {catalogQuery} from './catalog.js'

/** A table that holds rows. */
export interface FilledTable {
  /** As it is written on this connection, with its schema where that is needed. */
  name: string
  schema: string
  table: string
  /** About how many; null where that is not known. */
  rows: number | null
  /** The tables that it is a partition of or inherits from, at whatever distance: dropped or emptied, they take it along. */
  ancestors: {schema: string; table: string}[]
}

type Candidate = Omit<FilledTable, 'rows'> & {estimate: number; readable: boolean}

/** Beyond so many rows the planner's estimate does; and so many tables are locked for reading at most. */
const max = {rows: 1000, tables: 100}

/**
 * The tables of users that hold rows, those with the most first. A table that takes space may be empty, which only
 * reading it tells: one that this role may not read is taken to hold rows, and so is each beyond the first hundred.
 */
export async function filledTables(client: PostgresClient): Promise<FilledTable[]> {
  const {rows: candidates} = await client.query<Candidate>(catalogQuery('filled-tables'))
  const readable = candidates.filter((candidate) => candidate.readable).slice(0, max.tables)
  const counts = await countSome(client, readable)
  return candidates.flatMap(({name, schema, table, ancestors, estimate}) => {
    const counted = counts.get(name)
    if (counted === 0) return []
    const rows = counted === undefined || counted === max.rows ? Math.max(estimate, counted ?? 0) : counted
    return [{name, schema, table, ancestors, rows: rows === 0 ? null : rows}]
  })
}

/** The rows of each table by its name, up to the maximum; none where a table has gone or does not let itself be read. */
async function countSome(client: PostgresClient, tables: Candidate[]): Promise<Map<string, number>> {
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
