import {catalogQuery} from './catalog.js'
import {type PostgresClient, together} from './client.js'
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

/** What a seed has left to do, and what it has done. */
export interface Seeded {
  sequences: OwnedSequence[]
  tables: {schema: string; table: string}[]
}

/**
 * Asks in one round trip which sequences the tables own, and which tables the open transaction has changed, or with
 * `all` for every table of users. No tables where the server keeps no statistics (`track_counts` off).
 */
export async function readSeeded(client: PostgresClient, all: boolean): Promise<Seeded> {
  const [owned, changed] = await together(client, () => [client.query<OwnedSequence>(catalogQuery('owned-sequences')), client.query<Seeded['tables'][number]>(catalogQuery('changed-tables'), [all])])
  return {sequences: owned.rows, tables: changed.rows}
}

/**
 * Sets the sequence of every identity and serial column past the column's highest value, so that the next row that
 * names none does not collide with rows that named theirs. A sequence that is ahead already stays where it is.
 */
export async function advanceSequences(client: PostgresClient, {sequences}: Seeded): Promise<void> {
  if (sequences.length === 0) return
  const statements = sequences.map((row) => {
    const sequence = qualified(row.sequence_schema, row.sequence)
    const [column, table] = [escapeIdentifier(row.column), qualified(row.table_schema, row.table)]
    const highest = `(select pg_catalog.max(${column}) as value from ${table}) as highest`
    const regclass = `'${sequence.replaceAll("'", "''")}'::pg_catalog.regclass`
    return `select pg_catalog.setval(${regclass}, highest.value) from ${sequence} as state, ${highest}
      where highest.value > state.last_value or (highest.value = state.last_value and not state.is_called)`
  })
  await client.query(statements.join(';\n'))
}

/** Counts the rows of the tables. */
export async function countRows(client: PostgresClient, {tables}: Seeded): Promise<TableRows[]> {
  if (tables.length === 0) return []
  const counts = tables.map(
    ({schema, table}, index) =>
      `select ${index} as index, pg_catalog.count(*) as rows from ${qualified(schema, table)}`,
  )
  const {rows} = await client.query<{index: number; rows: string}>(`${counts.join(' union all ')} order by 1`)
  return rows.map(({index, rows: count}) => ({...tables[index]!, rows: Number(count)}))
}
