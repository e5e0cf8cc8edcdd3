import type {PostgresClient} from './client.js'
import {catalogQuery} from './catalog.js'
import {escapeIdentifier} from './identifier.js'

/** A table and the rows it has. */
export interface TableRows {
  schema: string
  table: string
  rows: number
}

interface OwnedSequence {
  sequence_schema: string
  sequence: string
  table_schema: string
  table: string
  column: string
}

const qualified = (...names: string[]): string => names.map(escapeIdentifier).join('.')

/**
 * Sets the sequence of every identity and serial column past the column's highest value, so that the next row that
 * names none does not collide with rows that named theirs. A sequence that is ahead already stays where it is.
 */
export async function advanceSequences(client: PostgresClient): Promise<void> {
  const {rows} = await client.query<OwnedSequence>(await catalogQuery('owned-sequences'))
  if (rows.length === 0) return
  const statements = rows.map((row) => {
    const sequence = qualified(row.sequence_schema, row.sequence)
    const [column, table] = [escapeIdentifier(row.column), qualified(row.table_schema, row.table)]
    const highest = `(select pg_catalog.max(${column}) as value from ${table}) as highest`
    const regclass = `'${sequence.replaceAll("'", "''")}'::pg_catalog.regclass`
    return `select pg_catalog.setval(${regclass}, highest.value) from ${sequence} as state, ${highest}
      where highest.value > state.last_value or (highest.value = state.last_value and not state.is_called)`
  })
  await client.query(statements.join(';\n'))
}

/**
 * Counts the rows of the tables that the open transaction has changed, or with `all` of every table of users. Empty
 * where the server keeps no statistics (`track_counts` off).
 */
export async function countRows(client: PostgresClient, all: boolean): Promise<TableRows[]> {
  const {rows: tables} = await client.query<{schema: string; table: string}>(await catalogQuery('changed-tables'), [
    all,
  ])
  if (tables.length === 0) return []
  const counts = tables.map(
    ({schema, table}, index) =>
      `select ${index} as index, pg_catalog.count(*) as rows from ${qualified(schema, table)}`,
  )
  const {rows} = await client.query<{index: number; rows: string}>(`${counts.join(' union all ')} order by 1`)
  return rows.map(({index, rows: count}) => ({...tables[index]!, rows: Number(count)}))
}
