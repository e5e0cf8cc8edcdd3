import {type ColumnChange, isAtLeast, type StatementFacts} from '../changes.js'
import type {MeasuredMigration} from '../measure.js'
import type {Tables} from '../tables.js'
import type {FindingCode, LockMode, PlanFinding} from '../types.js'

/** What a rule sees. */
export interface Ground {
  tables: Tables
  measured: MeasuredMigration
  /** The statements of the transaction. */
  transaction: readonly StatementFacts[]
}

export type Advice = Pick<PlanFinding, 'message' | 'instead'> & {sql?: string[]}

export function findingOf(
  code: FindingCode,
  {file, line}: StatementFacts,
  table: number,
  {tables, measured}: Pick<Ground, 'tables' | 'measured'>,
  {message, instead, sql = []}: Advice,
): PlanFinding {
  const {bytes, rows} = tables.sizeOf(table) ?? {bytes: 0, rows: null}
  const migration = measured.migration.version
  return {code, migration, file, line, statement: null, table: tables.nameOf(table), bytes, rows, message, instead, sql}
}

/** What others cannot do while a lock is held. */
export function blocked(mode: LockMode | undefined): string {
  return isAtLeast(mode, 'AccessExclusive') ? 'nobody can read or write it' : 'nobody can write to it'
}

/** The marker of a migration whose statements run by themselves. */
export const marker = '-- migrate:up transaction:false'

/** How the types of columns are changed while others read and write. */
export function swapped(table: string, changes: readonly ColumnChange[]): Pick<Advice, 'instead' | 'sql'> {
  const sql = changes.flatMap(({before: {quoted}, after: {type}}) => {
    const made = suffixed(quoted, '_new')
    return [
      `alter table ${table} add column ${made} ${type};`,
      `update ${table} set ${made} = ${quoted} where …;  -- in batches`,
      `alter table ${table} rename column ${quoted} to ${suffixed(quoted, '_old')};  -- later`,
      `alter table ${table} rename column ${made} to ${quoted};`,
    ]
  })
  const instead =
    'Add another column, let programs write both, copy the values in batches, and swap the names in a later migration.'
  return {instead, sql}
}

/** The columns of a table that get another type. */
export function retyped({changedColumns}: StatementFacts, table: number): ColumnChange[] {
  return changedColumns.filter((column) => column.table === table && column.before.type !== column.after.type)
}

/** A name as SQL, with an ending. */
export function suffixed(quoted: string, ending: string): string {
  return quoted.endsWith('"') ? `${quoted.slice(0, -1)}${ending}"` : `${quoted}${ending}`
}
