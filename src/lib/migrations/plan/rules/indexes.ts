import type {IndexChange, StatementFacts} from '../changes.js'
import type {RelationState} from '../relations.js'
import type {PlanFinding} from '../types.js'
import {type Advice, blocked, findingOf, type Ground, marker, swapped} from './rule.js'

/** Indexes that are built while others wait, but for those of a table that is written anew with all its indexes. */
export function indexBuilds(facts: StatementFacts, ground: Ground): PlanFinding[] {
  const {tables} = ground
  const rewritten = new Set(tables.tops(facts.rewrites, facts.held))
  const built = facts.indexes.filter(({how}) => how !== 'concurrently')
  // One for each index of a partitioned table.
  const tops = built.filter(({table}) => tables.tops([table], facts.held)[0] === table)
  return tops
    .filter(({table}) => tables.isLarge(table) && !rewritten.has(table) && isFilledHere(table, facts, ground))
    .map((change) => {
      const {table, index, how} = change
      // Whoever plans a query locks all indexes of the table.
      const reindexed = facts.tags.includes('REINDEX')
      const others = reindexed ? blocked('AccessExclusive') : blocked(facts.held.get(table))
      const message = `${how === 'rebuilt' ? 'Rebuilds' : 'Builds'} the index ${index.quoted} on ${tables.label(table)} while ${others}.`
      const name = tables.nameOf(table)
      const advice = reindexed ? reindexing(change) : insteadOf(change, facts, name, ground.measured.after.get(table))
      return findingOf('index_build', facts, table, ground, {message, ...advice})
    })
}

/** An index on a partitioned table alone has no entries; where partitions are, they are scanned. */
function isFilledHere(table: number, {scans, alone}: StatementFacts, {tables}: Ground): boolean {
  if (tables.initial.get(table)?.kind !== 'p' || alone) return true
  return tables.tops(scans, {has: () => true}).some((top) => tables.tops([table], {has: () => true}).includes(top))
}

function reindexing({index}: IndexChange): Pick<Advice, 'instead' | 'sql'> {
  return {
    instead: 'Rebuild it while others read and write, in a migration that is not a transaction.',
    sql: [marker, `reindex index concurrently ${index.quoted};`],
  }
}

function insteadOf(
  {index, again}: IndexChange,
  facts: StatementFacts,
  table: string,
  state: RelationState | undefined,
): Pick<Advice, 'instead' | 'sql'> {
  const changed = facts.changedColumns.find(({before, after}) => before.type !== after.type)
  if (again && changed !== undefined) return swapped(table, changed.before, changed.after.type)
  if (state?.kind === 'p') return onPartitions(index.quoted, index.definition ?? '')
  const {constraint} = index
  const make = concurrent(index.definition ?? '')
  if (constraint === null)
    return {
      instead: 'Build it while others read and write, in a migration that is not a transaction.',
      sql: [marker, make],
    }
  if (constraint.kind === 'x')
    return {instead: 'Do it when nobody uses the table. Such a constraint cannot be added in another way.'}
  const kind = constraint.kind === 'p' ? 'primary key' : 'unique'
  return {
    instead: 'Build its index first, in a migration that is not a transaction; the constraint then takes it over.',
    sql: [
      marker,
      make,
      `alter table ${table} add constraint ${constraint.quoted} ${kind} using index ${index.quoted};`,
    ],
  }
}

function concurrent(definition: string): string {
  return `${definition.replace(/^CREATE (UNIQUE )?INDEX /, (_, unique?: string) => `create ${(unique ?? '').toLowerCase()}index concurrently `)};`
}

function onPartitions(index: string, definition: string): Pick<Advice, 'instead' | 'sql'> {
  return {
    instead:
      'Make it for the table alone, build one for each partition while others read and write, and attach them; in a migration that is not a transaction.',
    sql: [
      marker,
      `${definition};`,
      'create index concurrently … on …;  -- for each partition',
      `alter index ${index} attach partition …;`,
    ],
  }
}
