import {type Facts, keyOf, type Table} from './facts.js'
import {lostRows, type Renames, type RowLoss} from './rows/lost-rows.js'
import type {RowsByTable} from './rows/read-rows.js'

/**
 * Rows that a change has lost. Rows may go from one table to another if one is a partition of the other, before or after:
 * there only their number counts. A table that is gone was asked about, with its rows.
 */
export function lossesOf(
  before: {facts: Facts; rows: RowsByTable},
  after: {facts: Facts; rows: RowsByTable},
  renames: Renames,
): RowLoss[] {
  const families = familiesOf(before.facts, after.facts, renames)
  const inFamily = new Set(families.flatMap((family) => [...family].map((key) => before.rows.get(key)?.shown)))
  return [
    ...lostRows(before.rows, after.rows, renames).filter(({table}) => !inFamily.has(table)),
    ...families.flatMap((family) => lostInFamily(family, before, after, renames)),
  ]
}

/** Tables that are connected as partitions before or after, by their names before; of those that changed. */
function familiesOf(before: Facts, after: Facts, {tables}: Renames): Set<string>[] {
  const oldNames = new Map([...tables].map(([old, name]) => [name, old]))
  const links = [
    ...linksOf(before),
    ...linksOf(after).map(([child, parent]) => [oldNames.get(child) ?? child, oldNames.get(parent) ?? parent] as const),
  ]
  const isChanged = JSON.stringify(linksOf(before)) !== JSON.stringify(links.slice(linksOf(before).length))
  if (!isChanged) return []
  let families: Set<string>[] = []
  for (const link of links) {
    const joined = families.filter((family) => link.some((key) => family.has(key)))
    const others = families.filter((family) => !joined.includes(family))
    families = [...others, new Set([...joined.flatMap((family) => [...family]), ...link])]
  }
  return families
}

function linksOf({tables}: Facts): (readonly [child: string, parent: string])[] {
  return [...tables.values()]
    .filter(({bound}) => bound !== null)
    .flatMap((table) => table.parents.map((parent) => [keyOf(table), keyOf(parent)] as const))
}

function lostInFamily(
  family: ReadonlySet<string>,
  before: {facts: Facts; rows: RowsByTable},
  after: {facts: Facts; rows: RowsByTable},
  {tables}: Renames,
): RowLoss[] {
  const count = ({facts, rows}: typeof before, keys: readonly string[]): number =>
    keys.reduce((sum, key) => sum + (isLeaf(facts.tables.get(key)) ? (rows.get(key)?.rows.length ?? 0) : 0), 0)
  const now = [...family].map((key) => tables.get(key) ?? key)
  const isKept = (key: string): boolean => after.facts.tables.has(tables.get(key) ?? key)
  // The rows of a partition that is dropped may also be in the table that takes its place.
  const least = count(before, [...family].filter(isKept))
  const [was, is] = [count(before, [...family]), count(after, now)]
  if (is >= least && is <= was) return []
  const [key = ''] = family
  const message = `${was} rows before, ${is} after`
  return [{table: before.rows.get(key)?.shown ?? key, column: null, message}]
}

const isLeaf = (table: Table | undefined): boolean => table !== undefined && !table.partitioned
