import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {readTables, readTypes, type SampleColumn, type SampleTable} from './catalog.js'
import {solve} from './components.js'
import {fillTable, type SampleRow} from './fill-table.js'
import {connectLater, removeOrphans} from './late-keys.js'
import {canBeNull, isWaiting, leavesOf, nextTable} from './order.js'
import {serverProbe} from './probe.js'
import {keepQuiet} from './quiet.js'
import {isActive, type OpenKey, type Row, type RowPlan} from './row-plan.js'
import {advanceSequences} from './sequences.js'
import {inTransaction, type Text} from './session.js'
import {type Probe, TypeValues} from './type-values.js'

/** A table that has no sample rows. */
export interface UnfilledTable {
  schema: string
  table: string
  /** A sentence, or the message of the server. */
  reason: string
}

export interface FillOptions {
  /** Columns that are to have no NULL: JSON.stringify([schema, table, column]), of a table or of one above it. */
  withoutNulls?: ReadonlySet<string>
  /** Columns that are to have values below 0, because a sequence counts them down. Named as the others. */
  descending?: ReadonlySet<string>
}

/** So many values of a type are candidates, and so many where a hash of them decides. */
const baseValues = 4
const hashedValues = 200
const maxCandidates = 120
/** Its numbers are those of the table and of its partitions. */
const hashing = /satisfies_hash_partition\('\d+'::oid, \d+, \d+/g
/** The names in functions of users are found wherever they are; those of pg_catalog come first. */
const everySchema = `select pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'pg_catalog',
  pg_catalog.string_agg(pg_catalog.quote_ident(nspname), ', ' order by nspname <> 'public', nspname)), true)
  from pg_catalog.pg_namespace where nspname <> 'information_schema' and nspname not like 'pg\\_%'`

/**
 * Puts some rows into every table and every partition of a database without rows, so that a change of the schema can be
 * tried on them: different values where that is possible, NULL in a row of each column that takes it, foreign keys and all
 * constraints satisfied, sequences past the values. Triggers, rules and row security do not act. The same schema gives the
 * same rows. @returns the tables that stayed empty
 */
export async function fillTables(client: PostgresClient, options: FillOptions = {}): Promise<UnfilledTable[]> {
  return inTransaction(client, async () => {
    const tables = await readTables(client)
    const probe = serverProbe(client)
    const types = new TypeValues(await readTypes(client), probe)
    await client.query(`${everySchema}; set constraints all immediate`)
    const restore = await keepQuiet(client, tables)
    const unfilled = await new DatabaseFiller(client, tables, types, probe, options).fill()
    await advanceSequences(client)
    await restore()
    return unfilled
  })
}

class DatabaseFiller {
  private readonly byOid: ReadonlyMap<number, SampleTable>
  private readonly leaves: ReadonlyMap<number, readonly SampleTable[]>
  private readonly left: Set<SampleTable>
  private readonly rows = new Map<SampleTable, SampleRow[]>()
  private readonly reasons = new Map<SampleTable, string>()
  private readonly demands = new Map<SampleTable, Row[]>()
  private readonly later: {table: SampleTable; key: OpenKey}[] = []
  private hasDemands = false

  constructor(
    private readonly client: PostgresClient,
    private readonly tables: readonly SampleTable[],
    private readonly types: TypeValues,
    private readonly probe: Probe,
    private readonly options: FillOptions,
  ) {
    this.byOid = new Map(tables.map((table) => [table.oid, table]))
    this.leaves = leavesOf(tables)
    this.left = new Set(tables.filter(({kind}) => kind === 'r'))
    // Only partitions have rows.
    for (const table of tables.filter(({oid}) => this.leaves.get(oid)?.length === 0)) {
      this.rows.set(table, [])
      this.reasons.set(table, 'It has no partition that takes rows.')
    }
  }

  async fill(): Promise<UnfilledTable[]> {
    for (let table; (table = nextTable(this.left, this.leaves)) !== undefined;) {
      await this.fillOne(table)
      this.left.delete(table)
    }
    // A function in a CHECK may have asked for rows that were not there yet.
    for (const table of this.empty().filter(({kind}) => kind === 'r')) await this.fillOne(table)
    for (const {table, key} of this.later) await this.connect(table, key)
    if (this.hasDemands) await removeOrphans(this.client, this.rows, (key) => this.leaves.get(key.other) ?? [])
    return this.empty().map((table) => ({
      schema: table.schema,
      table: table.name,
      reason: this.reasons.get(table) || 'No row was found that its keys and constraints allow.',
    }))
  }

  private empty(): SampleTable[] {
    return this.tables.filter((table) => this.rows.get(table)?.length === 0)
  }

  private async fillOne(table: SampleTable): Promise<void> {
    this.rows.set(table, [])
    for (const {type, modifier} of table.columns) await this.types.learn(type, modifier)
    const keys = table.keys.map((key) => this.open(table, key))
    const obstacle = this.obstacle(table, keys)
    if (obstacle !== undefined) return void this.reasons.set(table, obstacle)
    const components = await solve(this.client, table, (column, texts) => this.pool(table, keys, column, texts))
    const plan: RowPlan = {
      table,
      components,
      keys,
      demands: this.demands.get(table) ?? [],
      takesNull: (column) => this.takesNull(table, column),
      value: (column, n) => this.value(table, column, n),
    }
    const {rows, reason} = await fillTable(this.client, plan)
    this.rows.set(table, rows)
    this.reasons.set(table, reason)
    for (const key of keys) {
      if (key.when === 'later') this.later.push({table, key})
      if (key.when === 'first') this.demand(key, rows)
    }
  }

  private open(table: SampleTable, key: SampleTable['keys'][number]): OpenKey {
    const parents = this.parents(key.other)
    if ((this.leaves.get(key.other) ?? []).includes(table)) return {...key, parents, when: 'own'}
    if (!isWaiting(table, key, this.left, this.leaves)) return {...key, parents, when: 'now'}
    return {...key, parents: [], when: canBeNull(table, key) ? 'later' : 'first'}
  }

  private parents(oid: number): Row[] {
    return (this.leaves.get(oid) ?? []).flatMap((leaf) => (this.rows.get(leaf) ?? []).map(({values}) => values))
  }

  private obstacle(table: SampleTable, keys: readonly OpenKey[]): string | undefined {
    for (const key of keys)
      if (key.when === 'now' && key.parents.length === 0 && !canBeNull(table, key))
        return `It refers to ${this.byOid.get(key.other)?.sql ?? 'a table of an extension'}, which has no rows here.`
    const inKeys = new Set(keys.filter(({when}) => when !== 'first').flatMap(({columns}) => columns))
    const column = table.columns.find(
      ({number, expression, made, notNull, type, modifier}) =>
        expression === null &&
        !made &&
        notNull &&
        !inKeys.has(number) &&
        this.types.value(type, modifier, 1) === undefined,
    )
    return column === undefined
      ? undefined
      : `No value of the type ${column.typeSql} is known for the column ${column.sql}, which is NOT NULL.`
  }

  private takesNull(table: SampleTable, {name, notNull, type}: SampleColumn): boolean {
    return !notNull && this.types.takesNull(type) && !this.isAmong(this.options.withoutNulls, table, name)
  }

  private value(table: SampleTable, {name, type, modifier}: SampleColumn, n: number): string | undefined {
    const value = this.types.value(type, modifier, n)
    const isNegated = this.isAmong(this.options.descending, table, name) && /^[1-9]\d*$/.test(value ?? '')
    return isNegated ? `-${value}` : value
  }

  /** Whether a column of a table, or of one above it, is among some. */
  private isAmong(columns: ReadonlySet<string> | undefined, table: SampleTable, name: string): boolean {
    if (columns === undefined || columns.size === 0) return false
    for (let at: SampleTable | undefined = table; at !== undefined; at = this.byOid.get(at.parent ?? -1))
      if (columns.has(JSON.stringify([at.schema, at.name, name]))) return true
    return false
  }

  /** What a column in conditions may be. */
  private async pool(
    table: SampleTable,
    keys: readonly OpenKey[],
    column: SampleColumn,
    expressions: readonly string[],
  ): Promise<readonly Text[]> {
    const {number, type, modifier, typeSql} = column
    const nulls = this.takesNull(table, column) ? [null] : []
    const key = keys.find(({when, columns}) => when !== 'own' && when !== 'first' && columns.includes(number))
    if (key?.when === 'later' && !column.notNull) return [null]
    if (key?.when === 'now' && key.parents.length > 0) {
      const at = key.columns.indexOf(number)
      const values = key.parents.map((parent) => parent.get(key.otherColumns[at]!) ?? null)
      return [...new Set(values.filter((value) => value !== null)), ...(column.notNull ? [] : [null])]
    }
    const isHashed = expressions.some((text) => text.includes('satisfies_hash_partition'))
    const values = [...Array(isHashed ? hashedValues : baseValues).keys()].map((index) =>
      this.value(table, column, index + 1),
    )
    const texts = expressions.map((text) => text.replaceAll(hashing, ''))
    const further = this.types.candidates(type, modifier, texts).slice(0, maxCandidates)
    const known = [...new Set(values.filter((value) => value !== undefined))]
    return [...new Set([...known, ...(await this.probe(typeSql, further)), ...nulls])]
  }

  /** Asks that the rows to which these refer will be made. */
  private demand(key: OpenKey, rows: readonly SampleRow[]): void {
    const leaf = (this.leaves.get(key.other) ?? []).find((table) => this.left.has(table))
    if (leaf === undefined) return
    const wanted = rows
      .filter(({values}) => isActive(key, values))
      .map(({values}) => new Map(key.otherColumns.map((number, at) => [number, values.get(key.columns[at]!)])))
    const all = [...(this.demands.get(leaf) ?? []), ...wanted]
    this.demands.set(leaf, [...new Map(all.map((row) => [JSON.stringify([...row]), row])).values()])
    this.hasDemands = true
  }

  private async connect(table: SampleTable, key: OpenKey): Promise<void> {
    const isFree = table.columns.some((column) => key.columns.includes(column.number) && this.takesNull(table, column))
    await connectLater(this.client, {
      table,
      key,
      rows: this.rows.get(table) ?? [],
      parents: this.parents(key.other),
      isFree,
    })
  }
}
