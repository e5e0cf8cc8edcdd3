import {UsageError} from '../errors.js'
import type {PlainSession} from '../postgres/catalog/session.js'
import {formatDuration} from '../text/format.js'
import type {Column} from '../text/table.js'
import {blockerWords, clientWords, stateWords, waitWords} from './words.js'

/** One column of sessions: for people, for CSV, and for sorting. */
export interface SessionColumn extends Column<PlainSession> {
  id: string
  /** What `--csv` writes, and `--sort` sorts by. */
  raw: (session: PlainSession) => string | number | null
  /** Whether it is shown unless asked otherwise: always, never, or where any row has something in it. */
  shown: 'always' | 'filled' | 'asked'
}

/** A time in a table: to the second, in words that a person reads. */
export function seconds(value: number | null): string {
  return value === null ? '' : formatDuration(Math.max(0, value) * 1000)
}

const text = (
  id: string,
  cell: (session: PlainSession) => string,
  more: Partial<SessionColumn> = {},
): SessionColumn => ({
  id,
  heading: id.toUpperCase().replaceAll('_', ' '),
  cell,
  raw: cell,
  shown: 'always',
  ...more,
})

const time = (
  id: string,
  raw: (session: PlainSession) => number | null,
  more: Partial<SessionColumn> = {},
): SessionColumn => ({
  id,
  heading: id.toUpperCase(),
  cell: (session) => seconds(raw(session)),
  raw,
  shown: 'always',
  align: 'right',
  ...more,
})

/** All columns in their order; `docs/sessions.md` says what each holds. */
export const sessionColumns: readonly SessionColumn[] = [
  text('pid', ({pid}) => String(pid), {raw: ({pid}) => pid, align: 'right'}),
  text('user', ({user}) => user ?? '', {dropOrder: 5, most: 20}),
  text('database', ({database}) => database ?? '', {dropOrder: 6, most: 20}),
  text('program', ({program}) => program, {dropOrder: 7, most: 14}),
  text('client', clientWords, {raw: ({client}) => client, dropOrder: 8, most: 30}),
  text('application', ({application}) => application, {dropOrder: 9, most: 20}),
  text('state', stateWords, {raw: ({state}) => state, most: 20}),
  time('for', (session) => session.seconds, {dropOrder: 1}),
  time('transaction', (session) => session.transactionSeconds, {heading: 'OPEN', shown: 'filled', dropOrder: 4}),
  time('connected', (session) => session.connectedSeconds, {shown: 'asked'}),
  text('waits_for', waitWords, {shown: 'filled', dropOrder: 3, most: 26}),
  text('blocked_by', ({blockedBy}) => blockerWords(blockedBy), {
    raw: ({blockedBy}) => blockedBy.join(' '),
    shown: 'filled',
    dropOrder: 2,
    most: 16,
  }),
  text('here', ({here}) => (here ? 'here' : ''), {shown: 'asked', raw: ({here}) => String(here)}),
  text('wait_event', ({waitType, waitEvent}) => [waitType ?? [], waitEvent ?? []].flat().join(': '), {shown: 'asked'}),
  text('backend', ({backend}) => backend, {shown: 'asked'}),
  text('query', ({query}) => query),
]

/** The names of the columns, for usage and help. */
export const columnNames: readonly string[] = sessionColumns.map(({id}) => id)

/**
 * The columns that `--columns` names, in its order; those with `-` before them are left out of the usual ones.
 * Undefined stands for the usual ones.
 * @throws UsageError (`column_unknown`)
 */
export function chooseColumns(wanted: string | undefined): readonly SessionColumn[] | undefined {
  if (wanted === undefined) return undefined
  const names = wanted.split(',').map((name) => name.trim().toLowerCase().replaceAll('-', '_'))
  const [without, named] = [names.filter((name) => name.startsWith('_')), names.filter((name) => !name.startsWith('_'))]
  const left = without.map((name) => find(name.slice(1)))
  const base = named.length > 0 ? named.map(find) : sessionColumns.filter(({shown}) => shown !== 'asked')
  const chosen = base.filter((column) => !left.includes(column))
  if (chosen.length > 0) return chosen
  throw new UsageError('No column is left.', {code: 'columns_none', next: [`Columns: ${columnNames.join(', ')}.`]})
}

/** How `--sort` sorts: by a column, the longest time first, else from A to Z; `-` before the name turns it round. */
export function sorterOf(wanted: string): <S extends PlainSession>(sessions: S[]) => S[] {
  const backwards = wanted.startsWith('-')
  const column = find(wanted.replace(/^-/, '').trim().toLowerCase().replaceAll('-', '_'))
  const direction = (column.align === 'right' && column.id !== 'pid') !== backwards ? -1 : 1
  return (sessions) => sessions.toSorted((a, b) => direction * compare(column.raw(a), column.raw(b)) || a.pid - b.pid)
}

/** What has no value is least: last among times, first among names. */
function compare(a: string | number | null, b: string | number | null): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a ?? -1) - Number(b ?? -1)
  return (a ?? '') < (b ?? '') ? -1 : Number((a ?? '') > (b ?? ''))
}

function find(name: string): SessionColumn {
  const column = sessionColumns.find(({id}) => id === name)
  if (column !== undefined) return column
  throw new UsageError(`There is no column ${JSON.stringify(name.slice(0, 40))}.`, {
    code: 'column_unknown',
    next: [`Columns: ${columnNames.join(', ')}.`],
    details: {columns: columnNames},
  })
}
