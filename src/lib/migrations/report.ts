import {renderDiff, summaryOf as diffSummary} from '../dumps/diff-report.js'
import {showControls} from '../text/controls.js'
import {formatCount, formatDuration, formatTime} from '../text/format.js'
import type {Style} from '../text/style.js'
import {type Column, renderTable} from '../text/table.js'
import type {AppliedMigration, MigrateResult} from './migrate.js'
import {type CheckResult, isSame} from './check.js'
import {countStates, type MigrationStatus, type StatusResult} from './status.js'

/** One applied migration, in one line. */
export function renderApplied({file, statements, rows, milliseconds}: AppliedMigration): string {
  const changed = rows === 0 ? '' : `, ${formatCount(rows, 'row')}`
  return `Applied ${file}: ${formatCount(statements, 'statement')}${changed} in ${formatDuration(milliseconds)}.`
}

/** The last line of `migrate`. */
export function summaryOf({database, applied, pending, dryRun}: MigrateResult): string {
  const left = pending.length === 0 ? '' : `${formatCount(pending.length, 'migration')} pending`
  if (dryRun) return left === '' ? `Nothing to apply to ${database}.` : `${left} for ${database}. Nothing was changed.`
  if (applied.length === 0)
    return `Nothing to apply to ${database}.${left === '' ? '' : ` ${left} after that version.`}`
  return `Applied ${formatCount(applied.length, 'migration')} to ${database}.${left === '' ? '' : ` ${left}.`}`
}

const statusColumns: readonly Column<MigrationStatus>[] = [
  {heading: 'VERSION', cell: ({version}) => version},
  {heading: 'STATE', cell: stateWords},
  {heading: 'APPLIED', cell: ({appliedAt}) => (appliedAt === null ? '' : formatTime(appliedAt)), dropOrder: 1},
  {heading: 'BY', cell: ({appliedBy}) => appliedBy ?? '', dropOrder: 2},
  {
    heading: 'TOOK',
    cell: ({durationMs}) => (durationMs === null ? '' : formatDuration(durationMs)),
    dropOrder: 3,
    align: 'right',
  },
  {heading: 'NAME', cell: ({name}) => name ?? ''},
]

/** The table of `migrate:status`, what was changed in edited files, and invalid indexes. */
export function renderStatus(
  {migrations, invalidIndexes}: StatusResult,
  width: number | undefined,
  style: Style,
): string {
  const details = migrations.flatMap(({file, version, changes, problem}) => [
    ...(changes === null
      ? []
      : [`${file ?? version} was changed after it was applied:`, ...changes.map((line) => `  ${line}`)]),
    ...(problem === null ? [] : [problem]),
  ])
  const invalid = invalidIndexes.map(
    (name) => `The index ${name} is invalid. To remove it: drop index concurrently ${name};`,
  )
  const table = migrations.length === 0 ? [] : [renderTable(statusColumns, migrations, width, style)]
  const rest = [...details, ...invalid].map((line) => showControls(line))
  return [...table, ...(table.length > 0 && rest.length > 0 ? [''] : []), ...rest].join('\n')
}

/** One sentence with the numbers of `migrate:status`. */
export function statusSummary(result: StatusResult): string {
  return `${result.database}: ${countStates(result)}.`
}

function stateWords({state, statements, outOfOrder}: MigrationStatus): string {
  if (state === 'pending' && outOfOrder) return 'pending, out of order'
  if (statements !== null) return `${state}: ${formatCount(statements, 'statement')}`
  return state === 'missing' ? 'applied, no file here' : state
}

/** One migration that was undone, in one line. */
export function renderUndone({file, milliseconds}: AppliedMigration): string {
  return `Undone ${file} in ${formatDuration(milliseconds)}.`
}

/** What `migrate:check` has found. */
export function renderCheck({schema, downProblems}: CheckResult, style: Style): string {
  const downs = downProblems.map(({file, reason, differences}) => {
    if (reason !== null) return `${showControls(`The down of ${file} fails: ${reason}`)}`
    const labels = {a: 'before the up', b: 'after the down', differences, skipped: []}
    return `${showControls(`The down of ${file} does not undo its up:`)}\n${renderDiff(labels, style)}`
  })
  return [...(schema === null || isSame(schema) ? [] : [renderDiff(schema, style)]), ...downs].join('\n')
}

/** One sentence on what `migrate:check` has found. */
export function checkSummary({schema, downs, migrations, withoutDown, downProblems}: CheckResult): string {
  const chain =
    schema === null
      ? `${formatCount(migrations, 'migration')} run. There is no sql/schema.sql to compare with.`
      : diffSummary(schema)
  const without = withoutDown.length === 0 ? '' : ` ${formatCount(withoutDown.length, 'migration')} without a down.`
  const failed = downProblems.length
  if (failed > 0)
    return `${chain} ${failed} of ${formatCount(downs, 'down')} ${failed === 1 ? 'does' : 'do'} not undo the up.${without}`
  return `${chain}${downs === 0 ? '' : ` ${downs === 1 ? 'The down undoes its up' : `All ${downs} downs undo their ups`}.`}${without}`
}
