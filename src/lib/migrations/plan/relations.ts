import {catalogQuery} from '../../postgres/catalog/catalog.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'

export interface ColumnState {
  number: number
  name: string
  quoted: string
  type: string
  notNull: boolean
  /** Whether rows get a value by a default, an identity or an expression. */
  made: boolean
}

export interface ConstraintState {
  oid: number
  quoted: string
  kind: 'c' | 'f'
  valid: boolean
  /** Numbers of columns. */
  columns: number[]
  /** For a foreign key: the table to which it refers. */
  other: number
  inherited: boolean
  /** Null unless the table is locked. */
  definition: string | null
}

export interface IndexState {
  oid: number
  quoted: string
  valid: boolean
  file: number | null
  partial: boolean
  /** Numbers of columns, 0 for expressions. */
  columns: number[]
  constraint: {quoted: string; kind: 'p' | 'u' | 'x'} | null
  /** Null unless the table is locked. */
  definition: string | null
}

/** A table of the copy at one moment. */
export interface RelationState {
  oid: number
  /** `r` for a table, `p` for a partitioned one, `m` for a materialized view. */
  kind: 'r' | 'p' | 'm'
  schema: string
  name: string
  /** The name of the schema as SQL with a dot; empty for public. */
  prefix: string
  quoted: string
  /** The file that holds its rows: another one after a rewrite. */
  file: number | null
  parent: number | null
  /** How often this session has read it from end to end. */
  scans: number
  columns: ColumnState[]
  constraints: ConstraintState[]
  indexes: IndexState[]
}

/** A row of the query: what this session has locked may be gone. */
type RelationRow = {oid: number; modes: string[]} & ({gone: true} | ({gone: false} & RelationState))

/** What the session holds and sees after a statement. */
export interface Look {
  relations: Map<number, RelationState>
  gone: number[]
  /** The modes of the locks that it holds, as the server writes them. */
  modes: Map<number, string[]>
}

/** Reads the tables that the session has locked, or all of them. */
export async function look(client: PostgresClient, {all}: {all: boolean}): Promise<Look> {
  const {rows} = await client.query<RelationRow>(catalogQuery('plan-relations'), [all])
  return {
    relations: new Map(rows.flatMap((row) => (row.gone ? [] : [[row.oid, row]]))),
    gone: rows.filter(({gone}) => gone).map(({oid}) => oid),
    modes: new Map(rows.map(({oid, modes}) => [oid, modes])),
  }
}

/** The scans so far, because their counters may go on from one transaction to the next. */
export async function readScans(client: PostgresClient): Promise<Map<number, number>> {
  const {rows} = await client.query<{oid: number; scans: number}>(catalogQuery('plan-scans'))
  return new Map(rows.map(({oid, scans}) => [oid, scans]))
}

/** The name of a table as SQL. */
export function sqlName({prefix, quoted}: Pick<RelationState, 'prefix' | 'quoted'>): string {
  return prefix + quoted
}

/** The name of a table as SQL, always with its schema. */
export function wholeName({prefix, quoted}: Pick<RelationState, 'prefix' | 'quoted'>): string {
  return `${prefix === '' ? 'public.' : prefix}${quoted}`
}
