import type {StatementFacts} from '../changes.js'
import type {PlanFinding} from '../types.js'
import {type Advice, findingOf, type Ground, retyped, swapped} from './rule.js'

/** Tables that are rewritten while nobody can use them. */
export function rewrites(facts: StatementFacts, ground: Ground): PlanFinding[] {
  const {tables} = ground
  return tables.largeTops(facts.rewrites, facts).map((table) =>
    findingOf('table_rewrite', facts, table, ground, {
      message: `Rewrites ${tables.label(table)} while nobody can read or write it.`,
      ...insteadOf(facts, table, tables.nameOf(table)),
    }),
  )
}

function insteadOf(facts: StatementFacts, table: number, name: string): Pick<Advice, 'instead' | 'sql'> {
  const changed = retyped(facts, table)
  if (changed.length > 0) return swapped(name, changed)
  const column = facts.newColumns.find((made) => made.table === table)?.column
  if (column !== undefined)
    return {
      instead: 'Add the column without values, set its default for new rows, and fill the old rows in batches.',
      sql: [
        `alter table ${name} add column ${column.quoted} ${column.type};`,
        `alter table ${name} alter column ${column.quoted} set default …;`,
        `update ${name} set ${column.quoted} = … where …;  -- in batches`,
      ],
    }
  if (facts.tags.includes('REFRESH MATERIALIZED VIEW'))
    return {
      instead: 'Refresh it while others read it. It needs a unique index for that.',
      sql: [`refresh materialized view concurrently ${name};`],
    }
  return {
    instead: 'Do it when nobody uses the table, or copy the rows into another table in batches and swap the names.',
  }
}
