import {catalogQuery} from '../../postgres/catalog/catalog.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'

export interface SampleColumn {
  number: number
  name: string
  /** Its name as SQL. */
  sql: string
  /** The oid of its type. */
  type: number
  modifier: number
  typeSql: string
  notNull: boolean
  /** Whether it has a default or an identity. */
  made: boolean
  /** The expression of a generated column. */
  expression: string | null
}

/** A CHECK constraint. */
interface SampleCheck {
  /** Numbers of columns. */
  columns: number[]
  expression: string
}

/** A foreign key. */
export interface SampleKey {
  columns: number[]
  /** The oid of the table to which it refers. */
  other: number
  otherColumns: number[]
  /** Whether it is MATCH FULL. */
  full: boolean
}

/** A trigger, or a rule for what is written. */
export interface Actor {
  kind: 'trigger' | 'rule'
  sql: string
  /** In which `session_replication_role` it acts: `O` origin, `R` replica, `A` both, `D` none. */
  enabled: 'O' | 'R' | 'A' | 'D'
}

/** A table with what decides which rows it takes. */
export interface SampleTable {
  oid: number
  kind: 'r' | 'p'
  schema: string
  name: string
  /** Its name with the schema as SQL. */
  sql: string
  /** The table of which it is a partition, or from which it inherits. */
  parent: number | null
  partition: boolean
  /** The condition that the bounds of a partition put on rows; null if there is none. */
  bounds: string | null
  /** Whether row security applies to its owner. */
  forced: boolean
  columns: SampleColumn[]
  checks: SampleCheck[]
  keys: SampleKey[]
  uniques: {columns: number[]; nullsEqual: boolean}[]
  /** Whether it has an exclusion constraint that a trigger checks. */
  excludesLate: boolean
  actors: Actor[]
}

export interface SampleType {
  oid: number
  /** As `typtype` of pg_type. */
  kind: 'b' | 'c' | 'd' | 'e' | 'm' | 'p' | 'r'
  category: string
  name: string
  sql: string
  builtin: boolean
  /** Of a domain, the type under it; else 0. */
  base: number
  /** Of a domain, the modifier of its base. */
  modifier: number
  notNull: boolean
  /** Of an array, the type of its elements; else 0. */
  element: number
  /** Of a range or multirange, the type of its bounds; else 0. */
  subtype: number
  labels: string[]
  /** Definitions of the CHECK constraints of a domain. */
  checks: string[]
  attributes: {type: number; modifier: number}[]
}

/** Reads all tables of users. `search_path` has to be pg_catalog, so that expressions name schemas. */
export async function readTables(client: PostgresClient): Promise<SampleTable[]> {
  return (await client.query<SampleTable>(catalogQuery('sample-tables'))).rows
}

/** Reads the types that {@link readTables} names. */
export async function readTypes(client: PostgresClient): Promise<SampleType[]> {
  return (await client.query<SampleType>(catalogQuery('sample-types'))).rows
}
