import type {IndexChange, StatementFacts} from '../changes.js'
import {type RelationState, wholeName} from '../relations.js'
import type {PlanFinding} from '../types.js'
import {type Advice, blocked, findingOf, type Ground, marker, retyped, swapped} from './rule.js'

type Instead = Pick<Advice, 'instead' | 'sql'>

/** Indexes that are built while others wait, but for those of a table that is rewritten with all its indexes. */
export function indexBuilds(facts: StatementFacts, ground: Ground): PlanFinding[] {
  const {tables} = ground
  const rewritten = new Set(tables.tops(facts.rewrites, facts))
  const built = facts.indexes.filter(
    ({table, how}) => how !== 'concurrently' && tables.isLarge(table) && !rewritten.has(table),
  )
  if (facts.tags.includes('REINDEX')) return reindexed(built, facts, ground)
  return (
    built
      // One for each index of a partitioned table.
      .filter(({table}) => tables.tops([table], facts)[0] === table && isScanned(table, facts, ground))
      .map((change) => {
        const {table, index, how} = change
        const verb = how === 'rebuilt' ? 'Rebuilds' : 'Builds'
        const message = `${verb} the index ${index.quoted} on ${tables.label(table)} while ${blocked(facts.held.get(table))}.`
        return findingOf('index_build', facts, table, ground, {message, ...insteadOf(change, facts, ground)})
      })
  )
}

/** Whoever plans a query locks all indexes of the table, so that readers wait, too. */
function reindexed(built: readonly IndexChange[], facts: StatementFacts, ground: Ground): PlanFinding[] {
  const {tables, measured} = ground
  return [...new Set(built.map(({table}) => table))].map((table) => {
    const [first, ...more] = built.filter((change) => change.table === table)
    const prefix = measured.after.get(table)?.prefix ?? ''
    const one = first !== undefined && more.length === 0 ? first.index.quoted : undefined
    const what = one === undefined ? 'indexes' : `index ${one}`
    return findingOf('index_build', facts, table, ground, {
      message: `Rebuilds the ${what} on ${tables.label(table)} while ${blocked('AccessExclusive')}.`,
      instead: 'Rebuild while others read and write, in a migration with transaction:false.',
      sql: [
        marker,
        one === undefined
          ? `reindex table concurrently ${tables.nameOf(table)};`
          : `reindex index concurrently ${prefix}${one};`,
      ],
    })
  })
}

/** An index of a partitioned table alone has no entries; with those of its partitions, they are scanned. */
function isScanned(table: number, facts: StatementFacts, {tables}: Ground): boolean {
  if (tables.initial.get(table)?.kind !== 'p') return true
  const anywhere = {has: () => true}
  return tables.tops(facts.scans, facts, anywhere).includes(tables.tops([table], facts, anywhere)[0] ?? table)
}

function insteadOf(change: IndexChange, facts: StatementFacts, {tables, measured}: Ground): Instead {
  const {table, index, again} = change
  const name = tables.nameOf(table)
  const state = measured.after.get(table)
  const changed = retyped(facts, table)
  if (again && changed.length > 0) return swapped(name, changed)
  if (state?.kind === 'p') return onPartitions(change, state)
  const {constraint} = index
  const make = indexStatement(change, state, 'concurrently ')
  if (constraint === null)
    return {
      instead: 'Build it while others read and write, in a migration with transaction:false.',
      sql: [marker, make],
    }
  if (constraint.kind === 'x')
    return {instead: 'Do it when nobody uses the table. Such a constraint cannot be added in another way.'}
  const kind = constraint.kind === 'p' ? 'primary key' : 'unique'
  return {
    instead: 'Build its index first, in a migration with transaction:false; then the constraint uses that.',
    sql: [marker, make, `alter table ${name} add constraint ${constraint.quoted} ${kind} using index ${index.quoted};`],
  }
}

/** The statement that makes the index, in the form in which people write it. */
function indexStatement({index}: IndexChange, state: RelationState | undefined, how: string): string {
  const {quoted, definition} = index
  const table = state === undefined ? '' : wholeName(state)
  for (const unique of ['', 'UNIQUE '])
    for (const only of ['', 'ONLY ']) {
      const head = `CREATE ${unique}INDEX ${quoted} ON ${only}${table} USING `
      if (state === undefined || definition?.startsWith(head) !== true) continue
      const rest = definition.slice(head.length).replace(/^btree /, '')
      const using = definition.startsWith(`${head}btree `) ? '' : 'using '
      return `create ${unique.toLowerCase()}index ${how}${quoted} on ${only.toLowerCase()}${state.prefix}${state.quoted} ${using}${rest};`
    }
  return `create index ${how}${quoted} on …;`
}

function onPartitions(change: IndexChange, state: RelationState): Instead {
  return {
    instead:
      'Make it for the table alone, build one for each partition while others read and write, and attach them, in a migration with transaction:false.',
    sql: [
      marker,
      indexStatement(change, state, ''),
      'create index concurrently … on …;  -- for each partition',
      `alter index ${state.prefix}${change.index.quoted} attach partition …;`,
    ],
  }
}
