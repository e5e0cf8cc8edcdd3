import type {Session} from '../postgres/catalog/session.js'
import {renderCsv} from '../text/csv.js'
import type {Style} from '../text/style.js'
import {type Column, renderTable} from '../text/table.js'
import {type SessionColumn, sessionColumns} from './columns.js'
import type {SessionList} from './list.js'
import {blockingTree} from './order.js'
import {blockerWords, summaryLines} from './words.js'

/** How to show sessions; the default columns unless `columns` is set. */
interface ListView {
  /** As the tree of who blocks whom. */
  blocking: boolean
  columns?: readonly SessionColumn[]
}

/** The heading, an empty line, the summary on two lines, what is left, the prompt, and what named the target before. */
const otherLines = 7

/**
 * The first sessions of a list: `limit` of them (0 for all), or without one as many as a screen of so many lines has room for,
 * so that the urgent ones are not scrolled away.
 */
export function cutList(
  list: SessionList,
  limit: number | undefined,
  screen: number | undefined,
): {list: SessionList; left: number} {
  const most = limit ?? (screen ? Math.max(1, screen - otherLines) : 0)
  if (most === 0 || list.sessions.length <= most) return {list, left: 0}
  return {list: {...list, sessions: list.sessions.slice(0, most)}, left: list.sessions.length - most}
}

/** Renders sessions with the summary of all of them below. */
export function renderList(
  {sessions, summary}: SessionList,
  {blocking, columns}: ListView,
  width: number | undefined,
  style: Style,
): string {
  const counts = summaryLines(summary, width)
  if (sessions.length === 0) return blocking ? `No session waits for another.\n\n${counts}` : counts
  const render = blocking ? renderBlocking : renderSessions
  return `${render(sessions, width, style, columns)}\n\n${counts}`
}

/** Renders sessions as a table that fits into `width` (undefined for a pipe), with the default columns unless `chosen` is set. */
export function renderSessions(
  sessions: Session[],
  width: number | undefined,
  style: Style,
  chosen?: readonly SessionColumn[],
): string {
  return renderTable(chosen?.map(neverDropped) ?? usualColumns(sessions), sessions, width, style)
}

/** The default columns, without those that would be empty. */
export function usualColumns(sessions: Session[]): readonly SessionColumn[] {
  return sessionColumns.filter(
    ({shown, cell}) => shown === 'always' || (shown === 'filled' && sessions.some((session) => cell(session) !== '')),
  )
}

/** A column that the user asked for is never dropped, even in a narrow terminal. */
function neverDropped(column: SessionColumn): SessionColumn {
  return {...column, dropOrder: 0}
}

/** Renders who blocks whom, each session below its blocker. */
export function renderBlocking(
  sessions: Session[],
  width: number | undefined,
  style: Style,
  chosen?: readonly SessionColumn[],
): string {
  const tree = blockingTree(sessions)
  const places = new Map(tree.map((place) => [place.session, place]))
  const branches = new Map(tree.map(({session, depth}, at) => [session, branchOf(tree.slice(at + 1), depth)]))
  const instead: Partial<Record<string, Partial<Column<Session>>>> = {
    pid: {cell: (session) => `${branches.get(session) ?? ''}${session.pid}`, align: 'left', asIs: true},
    waits_for: {cell: lockCell, dropOrder: 0, maxWidth: 44},
    blocked_by: {heading: 'ALSO BY', cell: (session) => blockerWords(places.get(session)?.alsoBlockedBy ?? [])},
  }
  const cell = (column: SessionColumn): SessionColumn => ({...column, ...instead[column.id]})
  const columns = chosen?.map(neverDropped) ?? sessionColumns.filter(({shown}) => shown !== 'asked')
  const filled = columns
    .map(cell)
    .filter((column) => column.shown !== 'filled' || tree.some(({session}) => column.cell(session) !== ''))
  return renderTable(
    filled,
    tree.map(({session}) => session),
    width,
    style,
  )
}

/** The line-drawing characters before a row of the tree; `after` are the rows below it. */
function branchOf(after: readonly {depth: number}[], depth: number): string {
  const goesOn = (level: number): boolean => after.find((other) => other.depth <= level)?.depth === level
  const levels = Array.from({length: depth}, (_, index) => index + 1)
  return levels
    .map((level) => (level < depth ? (goesOn(level) ? '│  ' : '   ') : goesOn(level) ? '├─ ' : '└─ '))
    .join('')
}

const waitColumn = sessionColumns.find(({id}) => id === 'waits_for')

/** The lock that a session waits for, with its mode: `lock on activities, AccessExclusive`. */
function lockCell(session: Session): string {
  const words = waitColumn?.cell(session) ?? ''
  return session.lock === null ? words : `${words}, ${session.lock.mode.replace(/Lock$/, '')}`
}

/** Renders sessions as CSV with a heading line and raw values. */
export function sessionsCsv(sessions: Session[], columns: readonly SessionColumn[] = sessionColumns): string {
  return renderCsv([columns.map(({id}) => id), ...sessions.map((session) => columns.map(({raw}) => raw(session)))])
}
