import {isAtLeast, type StatementFacts} from '../changes.js'
import type {Tables} from '../tables.js'
import type {PlanFinding} from '../types.js'
import {findingOf, type Ground, marker} from './rule.js'

const rowTags: readonly string[] = ['UPDATE', 'DELETE', 'MERGE']

/**
 * The large tables of which a statement changes many rows, as far as can be told without rows: UPDATE and DELETE do, and
 * what reads a large table from end to end.
 */
export function changedRows(facts: StatementFacts, tables: Tables): number[] {
  const {tags, locks, rewrites} = facts
  if (rewrites.length > 0) return []
  const changed = [...locks].filter(([, mode]) => mode === 'RowExclusive').map(([oid]) => oid)
  const many = tags.some((tag) => rowTags.includes(tag)) || readsLarge(facts, tables)
  return many ? tables.largeTops(changed, facts, locks) : []
}

/** Whether a statement reads a large table from end to end, or all of its partitions. */
export function readsLarge(facts: StatementFacts, tables: Tables): boolean {
  return tables.largeTops(facts.scans, facts, {has: () => true}).length > 0
}

/** The large tables that a statement is the first of its transaction to lock against all others. */
function exclusivelyLocked(facts: StatementFacts, tables: Tables): number[] {
  const exclusive = new Map([...facts.locks].filter(([, mode]) => mode === 'AccessExclusive'))
  return tables.largeTops(exclusive.keys(), facts, exclusive)
}

/** Row changes in a transaction that also locks a large table against all others. */
export function rowChanges(facts: StatementFacts, ground: Ground): PlanFinding[] {
  const {tables, transaction} = ground
  const others = transaction.filter((other) => other !== facts)
  const locker = others.find((other) => exclusivelyLocked(other, tables).length > 0)
  const locked = locker && exclusivelyLocked(locker, tables)[0]
  if (locker === undefined || locked === undefined) return []
  const isBefore = transaction.indexOf(locker) < transaction.indexOf(facts)
  return changedRows(facts, tables).map((table) => {
    const other = table === locked ? 'it' : tables.nameOf(locked)
    const message = isBefore
      ? `Changes rows of ${tables.label(table)} while nobody can read or write ${other}.`
      : `Changes rows of ${tables.label(table)} in the transaction that locks ${other} in line ${locker.line}; if that lock is not granted in time, the changes are rolled back.`
    return findingOf('rows_changed_with_ddl', facts, table, ground, {
      message,
      instead: 'Change the rows in a migration of its own, in batches that are transactions of their own.',
      sql: [marker],
    })
  })
}

/** A lock that outlives its statement, because another one that takes long comes after it. `slow` are lines of those. */
export function heldWhile(facts: StatementFacts, ground: Ground, slow: readonly StatementFacts[]): PlanFinding[] {
  const {tables, transaction} = ground
  const next = transaction.slice(transaction.indexOf(facts) + 1).find((other) => slow.includes(other))
  if (next === undefined) return []
  return exclusivelyLocked(facts, tables).map((table) =>
    findingOf('statements_after_lock', facts, table, ground, {
      message: `Locks ${tables.label(table)} until the end of the transaction: nobody can read or write it while line ${next.line} runs, which takes long.`,
      instead: `Move line ${next.line} into a migration of its own.`,
    }),
  )
}

/** Locks on several large tables that are taken one after the other, with the statement that takes the second. */
export function severalLocked(ground: Ground): {facts: StatementFacts; finding: PlanFinding} | undefined {
  const {tables, transaction} = ground
  const seen = new Set<number>()
  for (const facts of transaction) {
    const stopping = new Map([...facts.locks].filter(([, mode]) => isAtLeast(mode, 'Share')))
    const added = tables.largeTops(stopping.keys(), facts).filter((table) => !seen.has(table))
    const [first] = seen
    const [second] = added
    if (first !== undefined && second !== undefined) {
      const message = `Locks ${tables.label(second)} while it holds a lock on ${tables.label(first)}: others wait for both until the end of the transaction.`
      const instead = 'Write one migration for each table.'
      return {facts, finding: findingOf('several_tables_locked', facts, second, ground, {message, instead})}
    }
    for (const table of added) seen.add(table)
  }
  return undefined
}
