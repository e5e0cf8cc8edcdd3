import {StateError} from '../errors.js'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {PullPlan} from './plan.js'

interface ForeignKey {
  /** The table, quoted for SQL, as are all names here. */
  child: string
  /** Where its parents are. */
  parent: string
  name: string
  columns: {child: string; parent: string; operator: string}[]
}

/** Rows without a parent that were removed. */
export interface Pruned {
  table: string
  rows: number
}

/** The foreign keys of the source, which are made here only after the rows. */
export async function foreignKeys(source: PostgresClient): Promise<ForeignKey[]> {
  return (await source.query<ForeignKey>(catalogQuery('pull-keys'))).rows
}

/** Those that may not hold: between tables of which all rows were pulled, of one moment, they do. */
export function openKeys(keys: readonly ForeignKey[], {jobs, empty}: PullPlan): ForeignKey[] {
  const whole = new Set(jobs.flatMap(({sql, file}) => (file === null ? [sql] : [])))
  if (whole.size === jobs.length && empty.length === 0) return []
  return keys.filter(({child, parent}) => !whole.has(child) || !whole.has(parent.replace(/^only /, '')))
}

/**
 * Removes rows whose parent was not pulled, and the rows that refer to them, until none is left: also in cycles, and where
 * a table refers to itself.
 */
export async function prune(client: PostgresClient, keys: readonly ForeignKey[]): Promise<Pruned[]> {
  const pruned = new Map<string, number>()
  for (let removed = -1; removed !== 0;) {
    removed = 0
    for (const key of keys) {
      const {rowCount} = await client.query(`delete from ${key.child} as child where ${isOrphan(key)}`)
      if (!rowCount) continue
      removed += rowCount
      pruned.set(key.child, (pruned.get(key.child) ?? 0) + rowCount)
    }
  }
  return [...pruned].map(([table, rows]) => ({table, rows}))
}

/** @throws StateError (`orphans`) with the tables, if there are rows whose parent was not pulled */
export async function requireNoOrphans(client: PostgresClient, keys: readonly ForeignKey[]): Promise<void> {
  const found: string[] = []
  for (const key of keys) {
    const {rows} = await client.query<{count: string}>(
      `select count(*) as count from ${key.child} as child where ${isOrphan(key)}`,
    )
    const count = Number(rows[0]?.count)
    if (count > 0) found.push(`${count} of ${key.child} by ${key.name}`)
  }
  if (found.length === 0) return
  throw new StateError('Rows refer to rows that were not pulled. Nothing was changed.', {
    code: 'orphans',
    next: [
      `They are: ${found.join(', ')}.`,
      'Pull their parents, too, or leave --keep-orphans out, which removes them.',
    ],
    details: {orphans: found},
  })
}

function isOrphan({parent, columns}: ForeignKey): string {
  const set = columns.map(({child}) => `child.${child} is not null`)
  const same = columns.map((pair) => `parent.${pair.parent} ${pair.operator} child.${pair.child}`)
  return `${set.join(' and ')} and not exists (select from ${parent} as parent where ${same.join(' and ')})`
}
