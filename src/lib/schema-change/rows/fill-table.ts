import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import type {SampleColumn, SampleTable} from './catalog.js'
import {seededNumbers} from './combinations.js'
import {planRow, type Row, type RowPlan, type RowWish} from './row-plan.js'
import {attempt, Refusal, type Text} from './session.js'
import {sqlValue} from './sql-value.js'

/** A row that is in the table. */
export interface SampleRow {
  /** Where it is, as its ctid. */
  place: string
  values: Row
}

/** The rows that a table has got; without any, why. */
interface Filled {
  rows: SampleRow[]
  reason: string
}

const leastRows = 3
const mostRows = 12
/** So many other values are tried for one row before it is sent. */
const maxVariants = 60
/** So many rows are sent one by one. */
const maxAttempts = 60
/** So many are sent for one row, or for one value that is missing. */
const attemptsForRow = 12
const attemptsForGoal = 3

/** Fills a table by one statement, and row by row if the server refuses that. */
export async function fillTable(client: PostgresClient, plan: RowPlan): Promise<Filled> {
  return new TableFiller(client, plan).fill()
}

/** Rows as the server has them: the place, then all columns in order. */
export function sampleRows({columns}: SampleTable, rows: readonly Text[][]): SampleRow[] {
  return rows.map(([place, ...texts]) => ({
    place: place ?? '',
    values: new Map(columns.map(({number}, at) => [number, texts[at] ?? null])),
  }))
}

/** What a statement returns for {@link sampleRows}. */
export function returning({columns}: SampleTable): string {
  return ['ctid', ...columns.map(({sql}) => sql)].join(', ')
}

class TableFiller {
  private readonly rows: SampleRow[] = []
  /** The rows as they were sent: the server may write the same values in another way. */
  private readonly sent: Row[] = []
  private reason = ''
  private attempts = 0

  constructor(
    private readonly client: PostgresClient,
    private readonly plan: RowPlan,
  ) {}

  async fill(): Promise<Filled> {
    const wishes = this.wishes()
    const planned: Row[] = []
    for (const wish of wishes) {
      const row = this.planned(wish, planned)
      if (row !== undefined) planned.push(row)
    }
    // Where there cannot be a third row, the second one has the NULLs.
    if (planned.length === 2) {
      const row = this.planned({index: 1, variant: 0, wantsNull: () => true}, planned.slice(0, 1))
      if (row !== undefined) planned[1] = row
    }
    if (planned.length === 0 || !(await this.insert(planned))) await this.fillOneByOne(wishes)
    await this.reachGoals()
    return {rows: this.rows, reason: this.reason}
  }

  private wishes(): RowWish[] {
    const {components, demands, table} = this.plan
    const wanted = Math.max(leastRows, demands.length, ...components.map(({chosen}) => Math.min(chosen, mostRows)))
    // A trigger that checks an exclusion constraint may not act, so that there is one row, which excludes nothing.
    const count = table.excludesLate ? Math.max(1, demands.length) : wanted
    return [...Array(count).keys()].map((index) => ({index, variant: 0, wantsNull: () => index === 2}))
  }

  private planned(wish: RowWish, accepted: readonly Row[]): Row | undefined {
    for (let {variant} = wish; variant < maxVariants; variant++) {
      const row = planRow(this.plan, {...wish, variant}, accepted)
      if (row !== undefined) return row
    }
    return undefined
  }

  private async fillOneByOne(wishes: readonly RowWish[]): Promise<void> {
    for (const wish of wishes)
      for (let variant = 0; variant < attemptsForRow; variant++) if (await this.tryRow({...wish, variant})) break
    const random = seededNumbers(this.plan.table.columns.length)
    for (let variant = 0; this.rows.length === 0 && this.attempts < maxAttempts && variant < maxAttempts; variant++) {
      const nulls = new Set(this.plan.table.columns.filter(() => random() < 0.5))
      await this.tryRow({index: 0, variant, wantsNull: (column) => nulls.has(column)})
    }
  }

  /** Tries further rows for columns that have no NULL, or no value, in any row. */
  private async reachGoals(): Promise<void> {
    if (this.rows.length === 0 || this.plan.table.excludesLate) return
    const later = new Set(this.plan.keys.flatMap(({when, columns}) => (when === 'later' ? columns : [])))
    for (const column of this.plan.table.columns) {
      if (column.expression !== null || !this.plan.takesNull(column) || later.has(column.number)) continue
      await this.reach(
        (value) => value === null,
        column,
        (other) => other === column,
      )
      await this.reach(
        (value) => value !== null,
        column,
        (other) => other !== column,
      )
    }
  }

  private async reach(
    isReached: (value: Text | undefined) => boolean,
    {number}: SampleColumn,
    wantsNull: RowWish['wantsNull'],
  ): Promise<void> {
    const index = this.rows.length
    for (let variant = 0; variant < attemptsForGoal; variant++) {
      if (this.rows.some(({values}) => isReached(values.get(number)))) return
      await this.tryRow({index, variant, wantsNull}, (row) => isReached(row.get(number)))
    }
  }

  private async tryRow(wish: RowWish, isWanted: (row: Row) => boolean = () => true): Promise<boolean> {
    if (this.attempts >= maxAttempts) return false
    const row = planRow(this.plan, wish, [...this.sent, ...this.rows.map(({values}) => values)])
    if (row === undefined || !isWanted(row)) return false
    this.attempts++
    return this.insert([row])
  }

  private async insert(rows: readonly Row[]): Promise<boolean> {
    const {table} = this.plan
    const columns = table.columns.filter(({expression}) => expression === null)
    const values = rows.map((row) => `(${columns.map(({number}) => sqlValue(row.get(number))).join(', ')})`)
    const source =
      columns.length === 0
        ? `select from pg_catalog.generate_series(1, ${rows.length})`
        : `(${columns.map(({sql}) => sql).join(', ')}) overriding system value values ${values.join(', ')}`
    const found = await attempt(this.client, `insert into ${table.sql} ${source} returning ${returning(table)}`)
    if (found instanceof Refusal) {
      this.reason = found.message
      return false
    }
    this.rows.push(...sampleRows(table, found))
    this.sent.push(...rows)
    return true
  }
}
