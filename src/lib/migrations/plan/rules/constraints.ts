import {escapeIdentifier} from '../../../postgres/wire/escape.js'
import {cutIdentifier} from '../../../targets/identifier.js'
import type {ConstraintChange, StatementFacts} from '../changes.js'
import type {ColumnState, RelationState} from '../relations.js'
import type {PlanFinding} from '../types.js'
import {type Advice, blocked, findingOf, type Ground, marker} from './rule.js'

/** Foreign keys and checks whose rows are checked while others wait. */
export function validations(facts: StatementFacts, ground: Ground): PlanFinding[] {
  const {tables, transaction} = ground
  const rewritten = new Set(tables.tops(facts.rewrites, facts))
  return facts.constraints.flatMap((change): PlanFinding[] => {
    const {table, constraint, reads, added} = change
    if (!reads || constraint.inherited || !tables.isLarge(table) || rewritten.has(table)) return []
    const before = transaction.slice(0, transaction.indexOf(facts))
    if (added) return [validatedAtOnce(change, facts, ground)]
    const addedHere = before.some(({constraints}) =>
      constraints.some((other) => other.added && other.constraint.oid === constraint.oid),
    )
    return addedHere ? [validatedTogether(change, facts, ground)] : []
  })
}

function validatedAtOnce({table, constraint}: ConstraintChange, facts: StatementFacts, ground: Ground): PlanFinding {
  const {tables} = ground
  const name = tables.nameOf(table)
  const advice = {
    instead: 'Add it without checking the rows, and validate it in a later migration, while others read and write.',
    sql: [
      `alter table ${name} add constraint ${constraint.quoted} ${constraint.definition ?? ''} not valid;`,
      `alter table ${name} validate constraint ${constraint.quoted};  -- in a later migration`,
    ],
  }
  if (constraint.kind === 'c')
    return findingOf('check_validated', facts, table, ground, {
      message: `Checks every row of ${tables.label(table)} while ${blocked(facts.held.get(table))}.`,
      ...advice,
    })
  const other = tables.initial.has(constraint.other) ? ` or to ${tables.nameOf(constraint.other)}` : ''
  const others =
    facts.held.get(table) === 'AccessExclusive' ? blocked('AccessExclusive') : `nobody can write to it${other}`
  return findingOf('foreign_key_validated', facts, table, ground, {
    message: `Checks the foreign key of every row of ${tables.label(table)} while ${others}.`,
    ...advice,
  })
}

function validatedTogether({table, constraint}: ConstraintChange, facts: StatementFacts, ground: Ground): PlanFinding {
  const {tables} = ground
  return findingOf('validated_with_added', facts, table, ground, {
    message: `Checks every row of ${tables.label(table)} in the transaction that added ${constraint.quoted}, so ${blocked(facts.held.get(table))} meanwhile.`,
    instead: 'Validate it in a later migration, while others read and write.',
    sql: [`alter table ${tables.nameOf(table)} validate constraint ${constraint.quoted};`],
  })
}

/** Foreign keys of large tables without an index, judged after the last migration. */
export function unindexedKeys(
  facts: StatementFacts,
  ground: Ground,
  last: ReadonlyMap<number, RelationState>,
): PlanFinding[] {
  const {tables} = ground
  return facts.constraints.flatMap(({table, constraint, added}): PlanFinding[] => {
    const state = last.get(table)
    const there = state?.constraints.find(({oid}) => oid === constraint.oid)
    if (constraint.kind !== 'f' || !added || constraint.inherited || there === undefined || state === undefined)
      return []
    if (!tables.isLarge(table) || isIndexed(state, constraint.columns)) return []
    const columns = constraint.columns.flatMap(
      (number) => state.columns.find((column) => column.number === number) ?? [],
    )
    const target = last.get(constraint.other)
    const other = target === undefined ? 'the other table' : `${target.prefix}${target.quoted}`
    return [
      findingOf('foreign_key_without_index', facts, table, ground, {
        message: `The foreign key ${constraint.quoted} has no index: each deleted row or changed key of ${other} scans ${tables.label(table)}.`,
        ...indexing(tables.nameOf(table), state, columns),
      }),
    ]
  })
}

function indexing(
  table: string,
  {name}: RelationState,
  columns: readonly ColumnState[],
): Pick<Advice, 'instead' | 'sql'> {
  const index = cutIdentifier([name, ...columns.map((column) => column.name), 'idx'].join('_'))
  const quoted = /^[a-z_][a-z0-9_]*$/.test(index) ? index : escapeIdentifier(index)
  return {
    instead: 'Build an index on its columns before, in a migration with transaction:false.',
    sql: [
      marker,
      `create index concurrently ${quoted} on ${table} (${columns.map((column) => column.quoted).join(', ')});`,
    ],
  }
}

function isIndexed({indexes}: RelationState, wanted: readonly number[]): boolean {
  return indexes.some(({columns, partial, valid}) => {
    const first = columns.slice(0, wanted.length)
    return valid && !partial && first.length === wanted.length && wanted.every((number) => first.includes(number))
  })
}
