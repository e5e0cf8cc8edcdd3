import type {StatementFacts} from './changes.js'
import {firstLine} from './copy-sink.js'
import type {Measured} from './measure.js'
import type {Tables} from './tables.js'
import type {PlannedLock, PlannedLoss, PlannedMigration, PlannedStatement} from './types.js'

/** The measured facts with names in place of oids. Tables that the migrations have made are left out. */
export function plannedMigrations({migrations}: Measured, tables: Tables): PlannedMigration[] {
  return migrations.map(({migration: {version, file, up}, transactions}) => ({
    version,
    file,
    transaction: up.transaction,
    statements: transactions.flat().map((facts) => plannedStatement(facts, tables)),
  }))
}

function plannedStatement(facts: StatementFacts, tables: Tables): PlannedStatement {
  const isOld = ({table}: {table: number}): boolean => tables.initial.has(table)
  const names = (oids: readonly number[]): string[] =>
    oids.filter((oid) => tables.initial.has(oid)).map((oid) => tables.nameOf(oid))
  return {
    file: facts.file,
    line: facts.line,
    statement: firstLine(facts.text),
    alone: facts.alone,
    locks: locksOf(facts, tables),
    rewrites: names(facts.rewrites),
    scans: names(facts.scans),
    indexes: facts.indexes
      .filter(isOld)
      .map(({table, index, how}) => ({table: tables.nameOf(table), index: index.quoted, how})),
    constraints: facts.constraints.filter(isOld).map(({table, constraint, added}) => ({
      table: tables.nameOf(table),
      constraint: constraint.quoted,
      kind: constraint.kind === 'c' ? 'check' : 'foreign key',
      added,
      valid: constraint.valid,
    })),
    losses: lossesOf(facts, tables),
  }
}

function locksOf({locks, parents}: StatementFacts, tables: Tables): PlannedLock[] {
  return [...locks]
    .filter(([oid]) => tables.initial.has(oid))
    .map(([oid, mode]) => {
      const parent = parents.get(oid)
      const partOf = parent !== undefined && locks.has(parent) ? tables.nameOf(parent) : null
      return {table: tables.nameOf(oid), mode, large: tables.isLarge(oid), partOf}
    })
}

function lossesOf(facts: StatementFacts, tables: Tables): PlannedLoss[] {
  const all = [
    ...facts.droppedTables.map(({oid}) => ({oid, column: null, how: 'dropped', to: null}) as const),
    ...facts.droppedColumns.map(
      ({table, column}) => ({oid: table, column: column.quoted, how: 'dropped', to: null}) as const,
    ),
    ...facts.truncated.map((oid) => ({oid, column: null, how: 'truncated', to: null}) as const),
    ...facts.renamedTables.map(
      ({table, after}) => ({oid: table, column: null, how: 'renamed', to: after.prefix + after.quoted}) as const,
    ),
    ...facts.changedColumns
      .filter(({before, after}) => before.name !== after.name)
      .map(
        ({table, before, after}) => ({oid: table, column: before.quoted, how: 'renamed', to: after.quoted}) as const,
      ),
  ]
  return all.filter(({oid}) => tables.initial.has(oid)).map(({oid, ...loss}) => ({table: tables.nameOf(oid), ...loss}))
}
