import type {StatementFacts} from '../changes.js'
import type {PlanFinding} from '../types.js'
import {isWithoutValue} from './losses.js'
import {type Advice, findingOf, type Ground, suffixed} from './rule.js'
import {changedRows} from './transactions.js'

/** Tables that are read from end to end while nobody can use them; `explained` are those of which another finding says so. */
export function scans(facts: StatementFacts, ground: Ground, explained: ReadonlySet<string>): PlanFinding[] {
  const {tables} = ground
  const changed = changedRows(facts, tables)
  const failing = tables.tops(
    facts.newColumns.filter(isWithoutValue).map(({table}) => table),
    facts,
  )
  return tables
    .largeTops(facts.scans, facts)
    .filter(
      (table) =>
        isExclusive(facts, table) && ![...changed, ...failing].includes(table) && !explained.has(tables.nameOf(table)),
    )
    .map((table) =>
      findingOf('table_scan', facts, table, ground, {
        message: `Scans ${tables.label(table)} while nobody can read or write it.`,
        ...insteadOf(facts, table, tables.nameOf(table)),
      }),
    )
}

const isExclusive = ({held}: StatementFacts, table: number): boolean => held.get(table) === 'AccessExclusive'

function insteadOf(facts: StatementFacts, table: number, name: string): Pick<Advice, 'instead' | 'sql'> {
  const column = facts.changedColumns.find(
    ({table: of, before, after}) => of === table && !before.notNull && after.notNull,
  )?.after
  if (column !== undefined) return notNull(name, column.quoted)
  if (facts.attached.includes(table))
    return {
      instead:
        'First add a check with the bounds of the partition, and validate it in a migration of its own. Then ATTACH scans nothing.',
      sql: [
        `alter table ${name} add constraint … check (…) not valid;`,
        `alter table ${name} validate constraint …;  -- in a later migration`,
      ],
    }
  return {instead: 'Move it into a migration of its own, apart from the statement that locks the table.'}
}

/** A validated check spares SET NOT NULL the scan (https://www.postgresql.org/docs/current/sql-altertable.html). */
function notNull(table: string, column: string): Pick<Advice, 'instead' | 'sql'> {
  const constraint = suffixed(column, '_not_null')
  return {
    instead:
      'First add a check with the same condition, and validate it while others read and write. Then SET NOT NULL scans nothing.',
    sql: [
      `alter table ${table} add constraint ${constraint} check (${column} is not null) not valid;`,
      `alter table ${table} validate constraint ${constraint};  -- in a later migration`,
      `alter table ${table} alter column ${column} set not null;`,
      `alter table ${table} drop constraint ${constraint};`,
    ],
  }
}
