import type {SampleColumn, SampleKey, SampleTable} from './catalog.js'
import type {Combination} from './combinations.js'
import type {Component} from './components.js'
import type {Text} from './session.js'

/** The values of a row by the numbers of its columns; undefined stands for the default of a column. */
export type Row = Map<number, Text | undefined>

/** A foreign key of a table that is being filled. */
export interface OpenKey extends SampleKey {
  /** The rows to which it may refer. */
  parents: readonly Row[]
  /**
   * `own` if the rows of the table itself are parents, `later` if the parents come after this table, so that it is NULL for
   * now, `first` if it cannot be NULL, so that the parents will be made for it.
   */
  when: 'now' | 'own' | 'later' | 'first'
}

/** What decides the rows of a table. */
export interface RowPlan {
  table: SampleTable
  components: readonly Component[]
  keys: readonly OpenKey[]
  /** Values that rows of this table must have, because others refer to them. */
  demands: readonly Row[]
  takesNull: (column: SampleColumn) => boolean
  value: (column: SampleColumn, n: number) => string | undefined
}

/** Which row is to be made. */
export interface RowWish {
  /** Its place among the rows of the table, from 0. */
  index: number
  /** Another number gives other values. */
  variant: number
  /** Whether a column, if it may, is to be NULL. */
  wantsNull: (column: SampleColumn) => boolean
}

/** So many parents are tried for a row, in all. */
const maxParents = 500
/** So far apart are the values of two variants. */
const variantStep = 7

/** Makes a row that foreign keys and unique constraints allow beside `accepted`; undefined if this wish gives none. */
export function planRow(plan: RowPlan, wish: RowWish, accepted: readonly Row[]): Row | undefined {
  const row: Row = new Map(plan.demands[wish.index] ?? [])
  if (!placeComponents(plan, wish, row)) return undefined
  placeNulls(plan, wish, row)
  const outward = plan.keys.filter(({when}) => when === 'now').toSorted((a, b) => b.columns.length - a.columns.length)
  if (!placeKeys(plan, wish, row, outward, {left: maxParents})) return undefined
  if (!placeValues(plan, wish, row)) return undefined
  for (const key of plan.keys) if (key.when === 'own' && !placeOwnKey(plan, key, row, accepted)) return undefined
  return isUnique(plan.table, row, accepted) ? row : undefined
}

/** Whether a row refers to `parent` by a foreign key. */
export function refersTo(key: SampleKey, row: Row, parent: Row): boolean {
  return key.columns.every((column, at) => row.get(column) === parent.get(key.otherColumns[at]!))
}

/** Whether a foreign key of a row refers to anything. */
export function isActive({columns}: SampleKey, row: Row): boolean {
  return columns.every((column) => row.get(column) !== null)
}

function placeComponents({components}: RowPlan, wish: RowWish, row: Row): boolean {
  for (const component of components) {
    const {columns} = component
    const combination = chooseCombination(component, wish, row)
    if (combination === undefined) return false
    columns.forEach(({number}, at) => row.set(number, combination[at]))
  }
  return true
}

/** The first rows take those to use that have NULL where it is wished; other variants take others of these, then any. */
function chooseCombination(
  {columns, combinations, chosen}: Component,
  {index, variant, wantsNull}: RowWish,
  row: Row,
): Combination | undefined {
  const suiting = combinations.filter((combination) =>
    columns.every(({number}, at) => !row.has(number) || row.get(number) === combination[at]),
  )
  const toUse = suiting.filter((combination) => combinations.indexOf(combination) < chosen)
  const score = (combination: Combination): number =>
    columns.filter((column, at) => (combination[at] === null) === (!column.notNull && wantsNull(column))).length
  const best = (some: readonly Combination[]): readonly Combination[] => {
    const highest = Math.max(...some.map(score))
    return some.filter((combination) => score(combination) === highest)
  }
  if (variant === 0 && toUse.length > 0) {
    const list = index < 3 ? best(toUse) : toUse
    return list[index % list.length]
  }
  const wished = best(suiting)
  const list = variant <= wished.length ? wished : suiting
  return list[(index + variant) % list.length]
}

function placeNulls({table, takesNull, keys}: RowPlan, {wantsNull}: RowWish, row: Row): void {
  const later = new Set(keys.filter(({when}) => when === 'later').flatMap(({columns}) => columns))
  for (const column of table.columns) {
    if (column.expression !== null || row.has(column.number)) continue
    if (later.has(column.number) && !column.notNull) row.set(column.number, null)
    else if (takesNull(column) && wantsNull(column)) row.set(column.number, null)
  }
  for (const {full, columns} of keys) {
    if (!full || columns.every((number) => row.get(number) !== null)) continue
    const rest = columns.filter((number) => !row.has(number))
    const whole = rest.every((number) => table.columns.some((column) => column.number === number && takesNull(column)))
    for (const number of whole ? rest : columns)
      if (whole) row.set(number, null)
      else if (row.get(number) === null) row.delete(number)
  }
}

/** Takes values from parents, so that keys with columns in common agree. */
function placeKeys(plan: RowPlan, wish: RowWish, row: Row, keys: readonly OpenKey[], tries: {left: number}): boolean {
  const [key, ...rest] = keys
  if (key === undefined) return true
  if (key.columns.some((number) => row.get(number) === null)) return placeKeys(plan, wish, row, rest, tries)
  for (let offset = 0; offset < key.parents.length && tries.left-- > 0; offset++) {
    const parent = key.parents[(wish.index + wish.variant + offset) % key.parents.length]!
    const before = new Map(row)
    if (!placeParent(key, row, parent)) continue
    if (placeKeys(plan, wish, row, rest, tries)) return true
    row.clear()
    for (const [number, value] of before) row.set(number, value)
  }
  return leaveOut(plan, key, row) && placeKeys(plan, wish, row, rest, tries)
}

function placeParent(key: SampleKey, row: Row, parent: Row): boolean {
  const values = key.otherColumns.map((number) => parent.get(number))
  if (values.some((value) => value === undefined || value === null)) return false
  if (key.columns.some((number, at) => row.has(number) && row.get(number) !== values[at])) return false
  key.columns.forEach((number, at) => row.set(number, values[at]))
  return true
}

/** Makes a foreign key refer to nothing. */
function leaveOut({table}: RowPlan, {columns, full}: SampleKey, row: Row): boolean {
  const open = table.columns.filter((column) => columns.includes(column.number) && !row.has(column.number))
  const nullable = open.filter(({notNull}) => !notNull)
  if (nullable.length === 0 || (full && nullable.length < columns.length)) return false
  for (const {number} of nullable) row.set(number, null)
  return true
}

function placeValues(plan: RowPlan, {index, variant}: RowWish, row: Row): boolean {
  const own = new Set(
    plan.keys.flatMap(({when, columns, otherColumns}) =>
      when === 'own' ? columns.filter((number, at) => number !== otherColumns[at]) : [],
    ),
  )
  for (const column of plan.table.columns) {
    const {number, expression, made, notNull} = column
    if (expression !== null || row.has(number) || own.has(number)) continue
    const value = plan.value(column, index + 1 + variant * variantStep)
    if (value === undefined && !made && notNull) return false
    row.set(number, value ?? (made ? undefined : null))
  }
  return true
}

/** Refers to the row before or, if there is none, to nothing or to the row itself. */
function placeOwnKey(plan: RowPlan, key: OpenKey, row: Row, accepted: readonly Row[]): boolean {
  if (key.columns.some((number) => row.get(number) === null)) return true
  for (const parent of [...accepted.toReversed(), ...key.parents]) if (placeParent(key, row, parent)) return true
  const nullable = plan.table.columns.filter((column) => key.columns.includes(column.number) && plan.takesNull(column))
  if (nullable.some(({number}) => !row.has(number)) && leaveOut(plan, key, row)) return true
  return placeParent(key, row, row) || leaveOut(plan, key, row)
}

function isUnique({uniques}: SampleTable, row: Row, accepted: readonly Row[]): boolean {
  return uniques.every(({columns, nullsEqual}) => {
    const values = columns.map((number) => row.get(number))
    if (values.includes(undefined) || (values.includes(null) && !nullsEqual)) return true
    return accepted.every((other) => columns.some((number, at) => other.get(number) !== values[at]))
  })
}
