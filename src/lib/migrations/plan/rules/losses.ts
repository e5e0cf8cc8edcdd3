import type {StatementFacts} from '../changes.js'
import {type ColumnState, wholeName} from '../relations.js'
import type {Question} from '../target.js'
import type {FindingCode, PlanFinding} from '../types.js'
import {type Advice, findingOf, type Ground, suffixed} from './rule.js'

/** A finding that depends on whether the target has rows. */
export interface Candidate {
  question: Question
  finding: PlanFinding
}

type Raise = (code: FindingCode, table: number, advice: Advice, column?: string) => Candidate[]

/** What is dropped, emptied or renamed, and columns for which rows have no value. */
export function losses(facts: StatementFacts, ground: Ground): Candidate[] {
  const {tables} = ground
  const raise: Raise = (code, table, advice, column) => {
    const relation = tables.initial.get(table)
    if (relation === undefined || tables.sizeOf(table) === undefined) return []
    const {schema, name} = relation
    const question = {schema, name, ...(column === undefined ? {} : {column})}
    return [{question, finding: findingOf(code, facts, table, ground, advice)}]
  }
  return [...droppedTables(facts, ground, raise), ...columns(facts, ground, raise), ...renames(facts, ground, raise)]
}

function droppedTables(facts: StatementFacts, {tables}: Ground, raise: Raise): Candidate[] {
  const dropped = new Set(facts.droppedTables.map(({oid}) => oid))
  const gone = tables.tops(dropped, facts, dropped).flatMap((table) => {
    const name = tables.nameOf(table)
    const instead = 'First deploy programs that do not use it, and rename it for a while before you drop it.'
    const renamed = suffixed(tables.initial.get(table)?.quoted ?? '', '_unused')
    const sql = [`alter table ${name} rename to ${renamed};`]
    return raise('rows_dropped', table, {message: `Drops ${tables.label(table)} with its rows.`, instead, sql})
  })
  const emptied = tables.tops(facts.truncated, facts, new Set(facts.truncated)).flatMap((table) =>
    raise('rows_dropped', table, {
      message: `Removes all rows of ${tables.label(table)}.`,
      instead: 'Delete only the rows that nobody needs.',
    }),
  )
  return [...gone, ...emptied]
}

function columns(facts: StatementFacts, {tables}: Ground, raise: Raise): Candidate[] {
  const of = <T extends {table: number}>(changes: readonly T[]): T[] => {
    const all = new Set(changes.map(({table}) => table))
    return changes.filter(({table}) => tables.tops([table], facts, all)[0] === table)
  }
  const dropped = of(facts.droppedColumns).flatMap(({table, column}) => {
    const before = tables.initial.get(table)?.columns.find(({number}) => number === column.number)
    if (before === undefined) return []
    const message = `Drops the column ${before.quoted} of ${tables.label(table)} with its values.`
    const instead = 'First deploy programs that do not use it, and drop it in a later migration.'
    return raise('rows_dropped', table, {message, instead}, before.name)
  })
  const lacking = of(facts.newColumns.filter(isWithoutValue))
  return [
    ...dropped,
    ...lacking.flatMap(({table, column: {quoted, type}}) => {
      const name = tables.nameOf(table)
      return raise('column_without_value', table, {
        message: `Fails: the new column ${quoted} of ${tables.label(table)} may not be null, and has no value for the rows.`,
        instead: 'Give it a default, or fill it before it is NOT NULL.',
        sql: [`alter table ${name} add column ${quoted} ${type} not null default …;`],
      })
    }),
  ]
}

/** A rename that leaves something of the old name, as when columns or tables are swapped, is none to programs. */
function renames(facts: StatementFacts, {tables, measured}: Ground, raise: Raise): Candidate[] {
  const all = new Set(facts.changedColumns.map(({table}) => table))
  const ofTables = facts.renamedTables
    .filter(({before}) => !measured.namesInUse.has(wholeName(before)))
    .flatMap(({table, before, after}) => {
      const [old, now] = [before, after].map(({prefix, quoted}) => prefix + quoted)
      return raise('renamed', table, {
        message: `Renames ${old} to ${now}: programs that use the old name fail from then on.`,
        instead: 'In the same migration, make a view with the old name, and drop it when no program uses it.',
        sql: [`create view ${old} as select * from ${now};`],
      })
    })
  const ofColumns = facts.changedColumns
    .filter(({table, before, after}) => before.name !== after.name && tables.tops([table], facts, all)[0] === table)
    .filter(({table, before}) => measured.after.get(table)?.columns.every(({name}) => name !== before.name))
    .filter(({table, before}) => tables.initial.get(table)?.columns.some(({name}) => name === before.name))
    .flatMap(({table, before, after}) => {
      const name = tables.nameOf(table)
      return raise('renamed', table, {
        message: `Renames the column ${before.quoted} of ${name} to ${after.quoted}: programs that use the old name fail from then on.`,
        instead:
          'Add another column, let programs write both, copy the values in batches, and drop the old one in a later migration.',
        sql: [`alter table ${name} add column ${after.quoted} ${after.type};`],
      })
    })
  return [...ofTables, ...ofColumns]
}

/** Whether a new column is NOT NULL and has no value for the rows. */
export function isWithoutValue({column}: {column: ColumnState}): boolean {
  return column.notNull && !column.made
}
