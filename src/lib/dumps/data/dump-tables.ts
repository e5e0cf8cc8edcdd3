import {ConfigurationError} from '../../errors.js'
import {catalogQuery} from '../../postgres/catalog/catalog.js'
import {sqlStateOf} from '../../postgres/connect/failures.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'

/** An object whose data is dumped. */
export interface DumpedObject {
  schema: string
  table: string
  owner: string
  /** Its name with the schema, quoted for SQL. */
  name: string
}

export interface DumpedTable extends DumpedObject {
  oid: number
  /** The table that is loaded: this one, or the partitioned one. */
  into: string
  /** Its columns, quoted for SQL; empty if there are none but generated ones. */
  columns: string
  /** Which rows are dumped, for the configuration of an extension; empty for all. */
  condition: string
}

/** A table that a user has named. */
export interface NamedTable {
  oid: number
  schema: string
  table: string
}

const invalidName = '42602'
const findQuery = `select class.oid, namespace.nspname as schema, class.relname as table
  from pg_catalog.pg_class class join pg_catalog.pg_namespace namespace on namespace.oid = class.relnamespace
  where class.oid = pg_catalog.to_regclass($1) and class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`

/**
 * Finds tables by names as they are written in SQL. Without a schema, the search path of the session decides.
 * @throws ConfigurationError (`table_unknown`)
 */
export async function findTables(client: PostgresClient, names: readonly string[]): Promise<NamedTable[]> {
  const found: NamedTable[] = []
  for (const name of names) {
    const {rows} = await client.query<NamedTable>(findQuery, [name]).catch((error: unknown) => {
      if (sqlStateOf(error) !== invalidName) throw error
      throw unknownTable(name)
    })
    if (rows[0] === undefined) throw unknownTable(name)
    found.push(rows[0])
  }
  return found
}

function unknownTable(name: string): ConfigurationError {
  return new ConfigurationError(`The database has no table ${name}. Nothing was written.`, {
    code: 'table_unknown',
    next: ['Write the name as in SQL, with its schema if that is not in the search path: \'sales."Order"\''],
    details: {table: name},
  })
}

/** What is dumped: the tables of --table, or everything if it is null, and the tables without their rows. */
export interface Selection {
  chosen: number[] | null
  withoutRows: number[]
}

export async function listTables(client: PostgresClient, {chosen, withoutRows}: Selection): Promise<DumpedTable[]> {
  const {rows} = await client.query<DumpedTable>(catalogQuery('dump-tables'), [chosen, withoutRows])
  return rows
}

export async function listSequences(client: PostgresClient, {chosen}: Selection): Promise<DumpedObject[]> {
  const {rows} = await client.query<DumpedObject>(catalogQuery('dump-sequences'), [chosen])
  return rows
}

/** Tables in an order in which foreign keys hold, and the tables that refer to each other, for which there is none. */
export interface TableOrder {
  tables: DumpedTable[]
  circular: DumpedTable[]
}

/** Puts each table after those to which it refers. */
export async function inOrderOfReferences(client: PostgresClient, tables: DumpedTable[]): Promise<TableOrder> {
  const {rows} = await client.query<{from: number; to: number}>(catalogQuery('dump-references'), [
    tables.map(({oid}) => oid),
  ])
  return orderByReferences(tables, rows)
}

/** A table is last looked at when everything to which it refers is placed; what is left over then has a cycle. */
export function orderByReferences(
  tables: readonly DumpedTable[],
  references: readonly {from: number; to: number}[],
): TableOrder {
  const waitsFor = new Map(tables.map(({oid}) => [oid, new Set<number>()]))
  const waiters = new Map<number, number[]>()
  for (const {from, to} of references) {
    if (!waitsFor.has(to) || from === to) continue
    waitsFor.get(from)?.add(to)
    waiters.set(to, [...(waiters.get(to) ?? []), from])
  }
  const byOid = new Map(tables.map((table) => [table.oid, table]))
  const ready = tables.filter(({oid}) => waitsFor.get(oid)?.size === 0)
  const ordered: DumpedTable[] = []
  for (let next; (next = ready.shift()) !== undefined;) {
    ordered.push(next)
    for (const waiter of waiters.get(next.oid) ?? []) {
      const rest = waitsFor.get(waiter)
      const table = byOid.get(waiter)
      if (rest?.delete(next.oid) && rest.size === 0 && table !== undefined) ready.push(table)
    }
  }
  const placed = new Set(ordered)
  const circular = tables.filter((table) => !placed.has(table))
  return {tables: [...ordered, ...circular], circular}
}
