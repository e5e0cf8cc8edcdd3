import {showControls} from '../../text/controls.js'
import {formatCount} from '../../text/format.js'
import type {Style} from '../../text/style.js'
import {wrapWords} from '../../text/wrap-words.js'
import {isAtLeast} from './changes.js'
import type {MigrationPlan, PlanFinding, PlannedLock, PlannedMigration, Unmeasured} from './types.js'

const defaultColumns = 80

/** Renders a plan for people. Statements of which there is nothing to say are only counted. */
export function renderPlan(plan: MigrationPlan, style: Style, columns = defaultColumns): string {
  const {migrations, findings, unmeasured} = plan
  const general = [
    ...findings
      .filter(({migration}) => migration === null)
      .map((finding) => renderFinding(finding, style, columns, '')),
    ...renderMissing(
      unmeasured.filter(({migration}) => migration === null),
      style,
      columns,
    ),
  ]
  const blocks = migrations.map((migration) => {
    const notes = notesOf(migration, plan).map((note) => renderNote(note, migration.file, style, columns))
    return [style.bold(showControls(migration.file)), ...notes].join('\n')
  })
  return [...general, ...blocks, summaryOfPlan(plan)].join('\n')
}

/** One sentence with the counts. */
function summaryOfPlan({migrations, findings, unmeasured}: MigrationPlan): string {
  const statements = migrations.reduce((sum, migration) => sum + migration.statements.length, 0)
  const of = `${formatCount(migrations.length, 'migration')}, ${formatCount(statements, 'statement')}`
  const found = findings.length === 0 ? 'no findings' : formatCount(findings.length, 'finding')
  const left = unmeasured.length === 0 ? '' : `, ${unmeasured.length} not measured`
  return `${of}: ${found}${left}. The copy has no rows, so what depends on them is not measured.`
}

/** What is said about the statements of one line. */
interface Note {
  file: string
  /** Null for the end of the file. */
  line: number | null
  statement: string
  locks: PlannedLock[]
  findings: PlanFinding[]
  reasons: string[]
}

/** In the order of the statements, each with what was found and what could not be measured. */
function notesOf({version, file, statements}: PlannedMigration, {findings, unmeasured}: MigrationPlan): Note[] {
  const notes = new Map<string, Note>()
  const noteAt = (at: Pick<Note, 'file' | 'line' | 'statement'>): Note => {
    const key = JSON.stringify([at.file, at.line])
    const note = notes.get(key) ?? {...at, locks: [], findings: [], reasons: []}
    notes.set(key, note)
    return note
  }
  for (const statement of statements) noteAt(statement).locks.push(...statement.locks.filter(isNoticed))
  for (const entry of unmeasured)
    if (entry.migration === version) noteAt({...entry, file: entry.file ?? file}).reasons.push(entry.reason)
  for (const finding of findings)
    if (finding.migration === version)
      noteAt({file: finding.file ?? file, line: finding.line, statement: finding.statement ?? ''}).findings.push(
        finding,
      )
  const said = [...notes.values()].filter((note) => note.locks.length + note.findings.length + note.reasons.length > 0)
  return said.sort((a, b) => (a.file === b.file ? (a.line ?? Infinity) - (b.line ?? Infinity) : 0))
}

const isNoticed = ({large, partOf, mode}: PlannedLock): boolean => large && partOf === null && isAtLeast(mode, 'Share')

function renderNote(
  {line, statement, locks, findings, reasons, ...note}: Note,
  file: string,
  style: Style,
  columns: number,
): string {
  const place = note.file === file ? '' : `${showControls(note.file)}:`
  const head = `  ${place}${line ?? 'end'}: `
  const text = showControls(statement)
  const room = Math.max(columns - head.length, 20)
  const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text
  return [
    `${style.dim(head)}${shown}`,
    ...renderLocks(locks, columns),
    ...findings.map((finding) => renderFinding(finding, style, columns, '    ')),
    ...reasons.map((reason) => style.yellow(paragraph(`Not measured: ${reason}`, columns, '    '))),
  ].join('\n')
}

function renderLocks(locks: readonly PlannedLock[], columns: number): string[] {
  const of = (wanted: boolean): string[] => [
    ...new Set(locks.filter(({mode}) => (mode === 'AccessExclusive') === wanted).map(({table}) => table)),
  ]
  const [all, writes] = [of(true), of(false).filter((table) => !of(true).includes(table))]
  const parts = [
    ...(all.length > 0 ? [`Locks ${all.join(', ')} against reads and writes.`] : []),
    ...(writes.length > 0 ? [`Locks ${writes.join(', ')} against writes.`] : []),
  ]
  return parts.map((part) => paragraph(part, columns, '    '))
}

function renderFinding({message, instead, sql}: PlanFinding, style: Style, columns: number, indent: string): string {
  return [
    style.yellow(paragraph(message, columns, indent)),
    paragraph(`Instead: ${instead}`, columns, indent),
    ...sql.map((line) => `${indent}  ${showControls(line)}`),
  ].join('\n')
}

/** Why the copy is not complete. */
function renderMissing(missing: readonly Unmeasured[], style: Style, columns: number): string[] {
  if (missing.length === 0) return []
  const lines = missing.map(({statement, reason}) => paragraph(`${statement}: ${reason}`, columns, '  '))
  return [style.yellow('The copy on which this was measured is not complete:'), ...lines]
}

function paragraph(text: string, columns: number, indent: string): string {
  return wrapWords(showControls(text), columns - indent.length)
    .map((line) => `${indent}${line}`)
    .join('\n')
}
