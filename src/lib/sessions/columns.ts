import {UsageError} from '../errors.js'
import type {Session} from '../postgres/catalog/session.js'
import {formatDuration} from '../text/format.js'
import type {Column} from '../text/table.js'
import {blockerWords, clientWords, stateWords, waitWords} from './words.js'

/** One column of sessions, for tables, CSV and sorting. */
export interface SessionColumn extends Column<Session> {
  id: string
  /** The value for `--csv` and `--sort`. */
  raw: (session: Session) => string | number | null
  /** When it is shown by default: always, if any row has a value, or only if `--columns` asks for it. */
  shown: 'always' | 'filled' | 'asked'
  /** In the live view, where columns stay where they are. */
  liveWidth: number
}

/** A duration for a table cell. */
export function seconds(value: number | null): string {
  return value === null ? '' : formatDuration(Math.max(0, value) * 1000)
}

const text = (id: string, cell: (session: Session) => string, more: Partial<SessionColumn> = {}): SessionColumn => ({
  id,
  heading: id.toUpperCase().replaceAll('_', ' '),
  cell,
  raw: cell,
  shown: 'always',
  liveWidth: 14,
  ...more,
})

const time = (
  id: string,
  raw: (session: Session) => number | null,
  more: Partial<SessionColumn> = {},
): SessionColumn => ({
  id,
  heading: id.toUpperCase(),
  cell: (session) => seconds(raw(session)),
  raw,
  shown: 'always',
  liveWidth: 9,
  align: 'right',
  ...more,
})

/** All columns in order. `docs/sessions.md` explains each. */
export const sessionColumns: readonly SessionColumn[] = [
  text('pid', ({pid}) => String(pid), {raw: ({pid}) => pid, align: 'right', liveWidth: 7}),
  text('user', ({user}) => user ?? '', {dropOrder: 5, maxWidth: 20, liveWidth: 12}),
  text('database', ({database}) => database ?? '', {dropOrder: 6, maxWidth: 20}),
  text('program', ({program}) => program, {dropOrder: 7, maxWidth: 14}),
  text('client', clientWords, {raw: ({client}) => client, dropOrder: 8, maxWidth: 30}),
  text('application', ({application}) => application, {dropOrder: 9, maxWidth: 20}),
  text('state', stateWords, {raw: ({state}) => state, maxWidth: 20, liveWidth: 16}),
  time('for', (session) => session.seconds, {dropOrder: 1, liveWidth: 7}),
  time('transaction', (session) => session.transactionSeconds, {
    heading: 'OPEN',
    shown: 'filled',
    dropOrder: 4,
    liveWidth: 7,
  }),
  time('connected', (session) => session.connectedSeconds, {shown: 'asked'}),
  text('waits_for', waitWords, {shown: 'filled', dropOrder: 3, maxWidth: 26, liveWidth: 18}),
  text('blocked_by', ({blockedBy}) => blockerWords(blockedBy), {
    raw: ({blockedBy}) => blockedBy.join(' '),
    shown: 'filled',
    dropOrder: 2,
    maxWidth: 16,
    liveWidth: 11,
  }),
  text('here', ({here}) => (here ? 'here' : ''), {shown: 'asked', raw: ({here}) => String(here)}),
  text('wait_event', ({waitType, waitEvent}) => [waitType ?? [], waitEvent ?? []].flat().join(': '), {shown: 'asked'}),
  text('backend', ({backend}) => backend, {shown: 'asked'}),
  text('query', ({query}) => query),
]

export const columnNames: readonly string[] = sessionColumns.map(({id}) => id)

/**
 * The columns that `--columns` names, in its order. A name after `-` is removed from the default columns. Undefined means
 * the default columns.
 * @throws UsageError (`column_unknown`)
 */
export function chooseColumns(wanted: string | undefined): readonly SessionColumn[] | undefined {
  if (wanted === undefined) return undefined
  const names = wanted.split(',').map((name) => name.trim().toLowerCase().replaceAll('-', '_'))
  const [without, named] = [names.filter((name) => name.startsWith('_')), names.filter((name) => !name.startsWith('_'))]
  const left = without.map((name) => findColumn(name.slice(1)))
  const base = named.length > 0 ? named.map(findColumn) : sessionColumns.filter(({shown}) => shown !== 'asked')
  const chosen = base.filter((column) => !left.includes(column))
  if (chosen.length > 0) return chosen
  throw new UsageError('No column is left to show.', {
    code: 'columns_none',
    next: [`Columns: ${columnNames.join(', ')}.`],
  })
}

/** The order of `--sort`: longest times first, names from A to Z. A `-` before the name reverses it. */
export function sorterOf(wanted: string): (sessions: Session[]) => Session[] {
  const backwards = wanted.startsWith('-')
  const column = findColumn(wanted.replace(/^-/, '').trim().toLowerCase().replaceAll('-', '_'))
  const direction = (column.align === 'right' && column.id !== 'pid') !== backwards ? -1 : 1
  return (sessions) => sessions.toSorted((a, b) => direction * compare(column.raw(a), column.raw(b)) || a.pid - b.pid)
}

/** Compares values. A missing value is the smallest: last among times, first among names. */
function compare(a: string | number | null, b: string | number | null): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a ?? -1) - Number(b ?? -1)
  return (a ?? '') < (b ?? '') ? -1 : Number((a ?? '') > (b ?? ''))
}

function findColumn(name: string): SessionColumn {
  const column = sessionColumns.find(({id}) => id === name)
  if (column !== undefined) return column
  throw new UsageError(`Unknown column ${JSON.stringify(name.slice(0, 40))}.`, {
    code: 'column_unknown',
    next: [`Columns: ${columnNames.join(', ')}.`],
    details: {columns: columnNames},
  })
}
