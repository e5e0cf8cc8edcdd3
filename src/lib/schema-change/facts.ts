import {catalogQuery} from '../postgres/catalog/catalog.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import type {Action, extract, Fact, FactBase, StableId} from './pg-delta.js'

/** The name of something in a schema. */
export interface QualifiedName {
  schema: string
  name: string
}

export interface Column {
  name: string
  /** As format_type writes it. */
  type: string
  notNull: boolean
  identity: boolean
  generated: boolean
  /** The expression of its default. */
  default: string | null
  /** Whether a sequence that counts down gives it its values. */
  descending: boolean
  /** False for a column that only its parents have. */
  local: boolean
}

export interface Table extends QualifiedName {
  partitioned: boolean
  /** The bound of a partition, and the condition for its rows. */
  bound: string | null
  condition: string | null
  /** The table of which it is a partition, or the tables from which it inherits. */
  parents: QualifiedName[]
  /** In their order. */
  columns: Column[]
  /** The names of its indexes, in the schema of the table. */
  indexes: string[]
}

export interface Sequence extends QualifiedName {
  minimum: string
  maximum: string
  /** The column that owns it. */
  table: QualifiedName | null
  column: string | null
}

/** A part of a table that has a name of its own. */
export interface TablePart {
  kind: 'constraint' | 'index' | 'trigger' | 'not null'
  table: QualifiedName
  name: string
  /** Without its name. */
  definition: string
}

export interface Domain extends QualifiedName {
  /** Its base type. */
  base: string
  notNull: boolean
  /** Definitions. */
  checks: string[]
}

export interface Enum extends QualifiedName {
  /** As format_type writes it. */
  sql: string
  labels: string[]
}

interface FactRow {
  tables: Table[]
  sequences: Sequence[]
  domains: Domain[]
  enums: Enum[]
  parts: TablePart[]
}

/** How something in a schema is found by its name. */
export function keyOf({schema, name}: QualifiedName): string {
  return JSON.stringify([schema, name])
}

/** A name as SQL, with its schema. */
export function sqlName({schema, name}: QualifiedName): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`
}

/** What a database has, as pg-delta reads it and as it is asked for here. */
export class Facts {
  readonly tables: ReadonlyMap<string, Table>
  readonly sequences: ReadonlyMap<string, Sequence>
  readonly domains: ReadonlyMap<string, Domain>
  readonly enums: ReadonlyMap<string, Enum>
  readonly parts: readonly TablePart[]

  private constructor(
    readonly base: FactBase,
    /** The role of the session, which owns what it makes. */
    readonly role: string,
    {tables, sequences, domains, enums, parts}: FactRow,
  ) {
    this.tables = new Map(tables.map((table) => [keyOf(table), table]))
    this.sequences = new Map(sequences.map((sequence) => [keyOf(sequence), sequence]))
    this.domains = new Map(domains.map((domain) => [keyOf(domain), domain]))
    this.enums = new Map(enums.map((each) => [keyOf(each), each]))
    this.parts = parts
  }

  /** Reads a database, and writes nothing. */
  static async read(client: PostgresClient): Promise<Facts> {
    const {buildFactBase, extract: read} = await import('./pg-delta.js')
    // pg-delta takes a pool, and uses one client of it.
    const {factBase} = await read(poolOf(client))
    const base = buildFactBase(factBase.facts().filter(isOfAnyVersion), [...factBase.edges])
    await client.query("set search_path to ''")
    const {rows} = await client.query<FactRow & {role: string}>(`${catalogQuery('schema-facts')}, current_user as role`)
    const [row] = rows
    if (row === undefined) throw new TypeError('schema-facts.sql returns one row')
    return new Facts(base, row.role, row)
  }
}

/** That a domain takes no NULL is a constraint with a name, too, but only since Postgres 17. */
function isOfAnyVersion({parent, payload}: Fact): boolean {
  return parent?.kind !== 'domain' || payload['type'] !== 'n'
}

function poolOf(client: PostgresClient): Parameters<typeof extract>[0] {
  const connection = {query: client.query.bind(client), release: () => undefined}
  return {connect: () => Promise.resolve(connection)} as unknown as Parameters<typeof extract>[0]
}

/** The statements with which pg-delta changes one schema into another, in order. @throws Error if it has no way */
export async function planActions(from: Facts, to: Facts): Promise<Action[]> {
  const {plan} = await import('./pg-delta.js')
  return plan(from.base, to.base, {renames: 'off'}).actions.filter((action) => !concernsRoles(action))
}

/** Roles belong to the server, where others make and drop them between two readings. */
function concernsRoles({sql, produces, destroys}: Action): boolean {
  const isRole = ({kind}: StableId): boolean => kind === 'role' || kind === 'membership'
  return /^(?:CREATE|ALTER|DROP|COMMENT ON) ROLE /.test(sql) || [...produces, ...destroys].some(isRole)
}
