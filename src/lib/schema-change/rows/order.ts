import type {SampleKey, SampleTable} from './catalog.js'

/** The tables that hold the rows of a table: itself, or the partitions at the end of its tree. */
export function leavesOf(tables: readonly SampleTable[]): Map<number, SampleTable[]> {
  const byOid = new Map(tables.map((table) => [table.oid, table]))
  const leaves = new Map<number, SampleTable[]>(tables.map(({oid}) => [oid, []]))
  for (const table of tables) {
    if (table.kind === 'p') continue
    leaves.get(table.oid)?.push(table)
    // The parent of a table that is no partition does not have its rows as far as foreign keys are concerned.
    for (let at = table; at.partition && at.parent !== null;) {
      leaves.get(at.parent)?.push(table)
      const above = byOid.get(at.parent)
      if (above === undefined) break
      at = above
    }
  }
  return leaves
}

/**
 * Chooses the table to fill next: one whose foreign keys all have parents or refer to itself, else one for which the keys
 * without parents can be NULL for now, else the one with the fewest that cannot.
 */
export function nextTable(
  left: ReadonlySet<SampleTable>,
  leaves: ReadonlyMap<number, readonly SampleTable[]>,
): SampleTable | undefined {
  let best: {table: SampleTable; waiting: number; blocking: number} | undefined
  for (const table of left) {
    const waits = table.keys.filter((key) => isWaiting(table, key, left, leaves))
    if (waits.length === 0) return table
    const blocking = waits.filter((key) => !canBeNull(table, key)).length
    if (best === undefined || blocking < best.blocking || (blocking === best.blocking && waits.length < best.waiting))
      best = {table, waiting: waits.length, blocking}
  }
  return best?.table
}

/** Whether the parents of a key are still to come. */
export function isWaiting(
  table: SampleTable,
  {other}: SampleKey,
  left: ReadonlySet<SampleTable>,
  leaves: ReadonlyMap<number, readonly SampleTable[]>,
): boolean {
  const parents = leaves.get(other) ?? []
  return !parents.includes(table) && parents.some((parent) => left.has(parent))
}

/** Whether a row need not refer to anything by a key. */
export function canBeNull({columns}: SampleTable, {columns: numbers, full}: SampleKey): boolean {
  const own = columns.filter(({number}) => numbers.includes(number))
  return full ? own.every(({notNull}) => !notNull) : own.some(({notNull}) => !notNull)
}
