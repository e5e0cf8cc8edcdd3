import type {RowColumn, RowsByTable, TableRows} from './read-rows.js'
import type {Text} from './session.js'

/** Something that a change of the schema did to rows. */
export interface RowLoss {
  /** The table before the change, as SQL, without the schema public. */
  table: string
  /** The column before the change; null if the rows themselves are concerned. */
  column: string | null
  message: string
}

/** What got another name. Columns are by the names of table and column before the change. */
export interface Renames {
  /** JSON.stringify([schema, table]) of before and after. */
  tables: ReadonlyMap<string, string>
  /** JSON.stringify([schema, table, column]) of before, and the name of the column after. */
  columns: ReadonlyMap<string, string>
}

export const noRenames: Renames = {tables: new Map(), columns: new Map()}

/** A column that is there before and after. */
interface Kept {
  name: string
  before: number
  after: number
  sameType: boolean
}

/**
 * Compares the rows before and after a change. A table or column that is there on one side only is not compared, nor is a
 * column that is generated after the change. A column whose type is another must have as many values as before; the values
 * of all others must be in the same rows as before.
 */
export function lostRows(before: RowsByTable, after: RowsByTable, renames: Renames): RowLoss[] {
  const renamed = new Set(renames.tables.values())
  return [...before].flatMap(([key, was]) => {
    const newKey = renames.tables.get(key) ?? key
    // A table that is called as another was before is the other one, renamed.
    const is = newKey === key && renamed.has(key) ? undefined : after.get(newKey)
    return is === undefined ? [] : lossesOf(was, is, keptColumns(key, was, is, renames))
  })
}

function lossesOf(was: TableRows, is: TableRows, kept: readonly Kept[]): RowLoss[] {
  const difference = was.rows.length - is.rows.length
  if (difference !== 0) {
    const message = difference > 0 ? `${counted(difference, 'row')} lost` : `${counted(-difference, 'row')} added`
    return [{table: was.shown, column: null, message: `${message}: ${was.rows.length} before, ${is.rows.length} after`}]
  }
  const inColumns = kept.flatMap((column) => {
    const message = messageOf(was, is, column)
    return message === undefined ? [] : [{table: was.shown, column: column.name, message}]
  })
  const same = kept.filter(({sameType}) => sameType)
  const tuples = (rows: readonly Text[][], side: 'before' | 'after'): string[] =>
    rows.map((row) => JSON.stringify(same.map((column) => row[column[side]])))
  const mixed = missing(tuples(was.rows, 'before'), tuples(is.rows, 'after'))
  if (inColumns.length > 0 || mixed === 0) return inColumns
  return [{table: was.shown, column: null, message: `${counted(mixed, 'row')} with values of other rows`}]
}

function messageOf(was: TableRows, is: TableRows, {before, after, sameType}: Kept): string | undefined {
  const old = was.rows.map((row) => row[before] ?? null)
  const now = is.rows.map((row) => row[after] ?? null)
  if (sameType) {
    const lost = missing(old, now)
    return lost === 0 ? undefined : `${counted(lost, 'value')} lost or changed`
  }
  const [count, rest] = [old, now].map((values) => values.filter((value) => value !== null).length) as [number, number]
  return count === rest ? undefined : `${counted(count, 'value')} before, ${rest} after`
}

function keptColumns(key: string, was: TableRows, is: TableRows, {columns}: Renames): Kept[] {
  const [schema, table] = JSON.parse(key) as [string, string]
  const newName = ({name}: RowColumn): string | undefined => columns.get(JSON.stringify([schema, table, name]))
  const renamed = new Set(was.columns.map(newName))
  return was.columns.flatMap((column, before) => {
    const name = newName(column) ?? (renamed.has(column.name) ? undefined : column.name)
    const after = is.columns.findIndex((other) => other.name === name)
    const other = is.columns[after]
    if (other === undefined || other.generated) return []
    return [{name: column.name, before, after, sameType: other.type === column.type}]
  })
}

/** How many of some texts others do not have. */
function missing(texts: readonly Text[], others: readonly Text[]): number {
  const counts = new Map<Text, number>()
  for (const other of others) counts.set(other, (counts.get(other) ?? 0) + 1)
  let lost = 0
  for (const text of texts) {
    const count = counts.get(text) ?? 0
    if (count === 0) lost++
    else counts.set(text, count - 1)
  }
  return lost
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
