import {catalogQuery} from '../../postgres/catalog/catalog.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {inTransaction, rowsOfAll, type Text} from './session.js'

export interface RowColumn {
  name: string
  /** As format_type writes it, with schemas. */
  type: string
  generated: boolean
}

/** A table with its rows. */
export interface TableRows {
  /** Its name as SQL, without the schema public. */
  shown: string
  columns: RowColumn[]
  /** Values in the order of the columns, as the server writes them. */
  rows: Text[][]
}

/** A table by its schema and name: JSON.stringify([schema, table]). */
export type RowsByTable = ReadonlyMap<string, TableRows>

interface ReadableTable extends Omit<TableRows, 'rows' | 'columns'> {
  schema: string
  name: string
  sql: string
  partitioned: boolean
  columns: (RowColumn & {sql: string})[]
}

/** So many tables are read at once. */
const atOnce = 50

/**
 * Reads all rows of all tables of users, for a copy with few rows. A partitioned table has the rows of its partitions; a
 * table from which others inherit has only its own. The session must be one that may read everything.
 */
export async function readRows(client: PostgresClient): Promise<RowsByTable> {
  return inTransaction(client, async () => {
    const {rows: tables} = await client.query<ReadableTable>(catalogQuery('row-tables'))
    const read = new Map<string, TableRows>()
    for (let start = 0; start < tables.length; start += atOnce) {
      const some = tables.slice(start, start + atOnce)
      const results = await rowsOfAll(client, some.map(selection).join('; '))
      some.forEach(({schema, name, shown, columns}, index) =>
        read.set(JSON.stringify([schema, name]), {
          shown,
          columns: columns.map(({name: column, type, generated}) => ({name: column, type, generated})),
          rows: results[index] ?? [],
        }),
      )
    }
    return read
  })
}

function selection({sql, columns, partitioned}: ReadableTable): string {
  return `select ${columns.map((column) => column.sql).join(', ')} from ${partitioned ? '' : 'only '}${sql}`
}
