import type {Session} from '../../postgres/catalog/session.js'
import type {ServerLoad} from '../../postgres/catalog/server-load.js'
import {isClient, type SessionOverview} from '../../postgres/catalog/sessions.js'
import type {Protection} from '../../targets/protection.js'
import {oneLine} from '../../text/table.js'
import {wrap} from '../../text/wrap.js'
import {type SessionColumn, sessionColumns, sorterOf} from '../columns.js'
import {filterSessions, type SessionFilter} from '../filter.js'
import {type SessionSummary, shownOf, summarize} from '../list.js'
import {blockingTree, byAttention} from '../order.js'

export interface Size {
  columns: number
  rows: number
}

/** What the screen shows, which decides what keys do. */
export type Mode =
  | {kind: 'list'}
  | {kind: 'help'}
  | {kind: 'search'; before: string}
  | {kind: 'details'; session: Session; query: string; lines: string[]; scroll: number}
  | {kind: 'question'; session: Session; cancel: boolean}
  | {kind: 'words'; expected: string; typed: string; pid: number}

/** The numbers of sessions at one update. */
export interface Moment {
  active: number
  idle: number
  inTransaction: number
  /** Closed since the previous update. */
  closed: number
}

/** Which sessions are shown. */
export type View = 'all' | 'running' | 'waiting' | 'blocking' | 'idle'

/** Identifies one session. */
export type SessionId = Pick<Session, 'pid' | 'backendStart'>

/** The state of the live view. Each change creates a new one. Times are in milliseconds. */
export interface WatchState {
  /** The target, for the title. */
  label: string
  size: Size
  interval: number
  paused: boolean
  all: boolean
  filter: SessionFilter
  columns?: readonly SessionColumn[]
  summary?: SessionSummary
  protection?: Protection
  /** The sessions that match the filter. */
  sessions: Session[]
  /** The sessions of the list, searched and sorted. */
  rows: Session[]
  /** The index of the first visible row. */
  top: number
  selected?: SessionId
  /** All sessions of the last update, by process id. */
  known: ReadonlyMap<number, Session>
  /** When sessions appeared, except those of the first update, by process id. */
  arrivals: ReadonlyMap<number, number>
  closed: readonly {session: Session; at: number}[]
  history: readonly Moment[]
  /** The load now, at the update before, and when its size was first known. */
  loads: {load?: ServerLoad; before?: ServerLoad; first?: ServerLoad}
  view: View
  /** In the view `blocking`: how many sessions each waits behind. */
  depths: ReadonlyMap<Session, number>
  /** The maximum of the server's count of closed sessions, because the count is sometimes late, and can be reset. */
  closedCount?: number
  sort: string
  backwards: boolean
  search: string
  mode: Mode
  message?: {text: string; at: number}
  lost?: {message: string; at: number}
}

/** How long a closed session is shown, and how long a session counts as new. */
export const closedForMs = 15_000
export const newForMs = 10_000
const maxHistory = 1000
const mostClosed = 50

export type WatchSettings = Pick<WatchState, 'label' | 'size' | 'interval' | 'all' | 'filter' | 'columns'> & {
  sort?: string
}

export function initialState({sort = 'attention', ...settings}: WatchSettings): WatchState {
  return {
    ...settings,
    sort: sort.replace(/^-/, '').trim().toLowerCase().replaceAll('-', '_'),
    backwards: sort.startsWith('-'),
    paused: false,
    sessions: [],
    rows: [],
    top: 0,
    known: new Map(),
    arrivals: new Map(),
    closed: [],
    history: [],
    loads: {},
    view: 'all',
    depths: new Map(),
    search: '',
    mode: {kind: 'list'},
  }
}

/** Whether both are the same session. The process id alone is not enough, because it is reused. */
export function isSameSession(one: SessionId | undefined, other: SessionId | undefined): boolean {
  return one !== undefined && one.pid === other?.pid && one.backendStart === other.backendStart
}

/** Applies an update from the server. */
export function receive(
  state: WatchState,
  overview: SessionOverview,
  protection: Protection | undefined,
  now: number,
  load?: ServerLoad,
): WatchState {
  const first = state.summary === undefined
  const summary = summarize(overview)
  const known = new Map<number, Session>()
  for (const session of overview.sessions) known.set(session.pid, session)
  const vanished = state.sessions.filter((session) => !isSameSession(session, known.get(session.pid)))
  const counted = summary.closed?.closed
  const increase = counted === undefined || state.closedCount === undefined ? 0 : counted - state.closedCount
  const moment: Moment = {
    active: summary.active,
    idle: summary.idle,
    inTransaction: summary.idleInTransaction,
    closed: first ? 0 : Math.max(vanished.filter(isClient).length, increase),
  }
  return arrangeRows({
    ...state,
    summary,
    protection,
    sessions: filterSessions(shownOf(overview.sessions, state.all), state.filter),
    known,
    arrivals: first ? state.arrivals : arrivalsOf(state, overview.sessions, now),
    closed: [...vanished.map((session) => ({session, at: now})), ...recent(state, now)].slice(0, mostClosed),
    history: [...state.history, moment].slice(-maxHistory),
    loads: load === undefined ? state.loads : loadsAfter(state.loads, load),
    closedCount: counted === undefined ? undefined : Math.max(counted, state.closedCount ?? 0),
    message: state.lost === undefined ? state.message : {text: 'Connected again.', at: now},
    lost: undefined,
  })
}

function loadsAfter({load: before, first}: WatchState['loads'], load: ServerLoad): WatchState['loads'] {
  return {load, before, first: first ?? (load.bytes === undefined ? undefined : load)}
}

function arrivalsOf({known, arrivals}: WatchState, sessions: readonly Session[], now: number): WatchState['arrivals'] {
  const arrived = new Map<number, number>()
  for (const session of sessions) {
    const at = isSameSession(session, known.get(session.pid)) ? arrivals.get(session.pid) : now
    if (at !== undefined) arrived.set(session.pid, at)
  }

  return arrived
}

/** The sessions that closed a moment ago. */
export function recent({closed}: WatchState, now: number): {session: Session; at: number}[] {
  return closed.filter(({at}) => now - at < closedForMs)
}

/** Records that the server cannot be reached. */
export function connectionLost(state: WatchState, message: string, now: number): WatchState {
  return {...state, lost: {message, at: state.lost?.at ?? now}}
}

/** Applies a new size of the terminal. */
export function resize(state: WatchState, size: Size): WatchState {
  const {mode} = state
  return arrangeRows({
    ...state,
    size,
    mode: mode.kind === 'details' ? {...mode, lines: wrap(mode.query, size.columns - 2)} : mode,
  })
}

/** Searches and sorts again, and keeps the selected row visible. */
export function arrangeRows(state: WatchState): WatchState {
  const seen = viewed(state)
  const found = state.search === '' ? seen : seen.filter((session) => mentions(session, state.search.toLowerCase()))
  const tree = state.view === 'blocking' ? blockingTree(found) : []
  const sorted =
    state.view === 'blocking'
      ? tree.map(({session}) => session)
      : state.sort === 'attention'
        ? byAttention(found)
        : sorterOf(state.sort)(found)
  const rows = state.backwards && state.view !== 'blocking' ? sorted.reverse() : sorted
  const depths = new Map(tree.map(({session, depth}) => [session, depth]))
  const height = listHeight(state)
  const index = selectedIndex(rows, state.selected)
  const lowest = Math.max(0, rows.length - height)
  const top = index === -1 ? state.top : Math.min(Math.max(state.top, index - height + 1), index)
  return {...state, rows, depths, top: Math.min(Math.max(0, top), lowest)}
}

function viewed({sessions, view}: WatchState): Session[] {
  switch (view) {
    case 'running':
      return sessions.filter(({state}) => state === 'active')
    case 'waiting':
      return sessions.filter(({blockedBy, waitType}) => blockedBy.length > 0 || waitType === 'Lock')
    case 'idle':
      return sessions.filter(({state}) => state?.startsWith('idle') === true)
    default:
      return sessions
  }
}

/** The selected session, as of the last update. */
export function selectedSession({rows, selected}: WatchState): Session | undefined {
  return rows[selectedIndex(rows, selected)]
}

/** The index of the selected session in the list; -1 if there is none. */
export function selectedIndex(rows: readonly Session[], selected: SessionId | undefined): number {
  return selected === undefined ? -1 : rows.findIndex((session) => isSameSession(session, selected))
}

function mentions(session: Session, text: string): boolean {
  return (
    sessionColumns.some(({cell}) => cell(session).toLowerCase().includes(text)) ||
    oneLine(session.query, 1000).toLowerCase().includes(text)
  )
}

/** How many lines the parts of the screen have, beside the list. Plots need a tall terminal, and the query a taller one. */
export function layoutOf({size: {rows, columns}, selected}: Pick<WatchState, 'size' | 'selected'>): {
  header: number
  plots: boolean
  closed: number
  query: number
} {
  return {
    header: rows >= 20 && columns < 120 ? 2 : rows >= 10 ? 1 : 0,
    plots: rows >= 20,
    closed: rows >= 20 ? 3 : rows >= 12 ? 1 : 0,
    query: selected !== undefined && rows >= 24 ? 6 : 0,
  }
}

/** The number of rows in the list. The title, the headings and the footer need one line each. */
export function listHeight(state: Pick<WatchState, 'size' | 'selected'>): number {
  const {header, plots, closed, query} = layoutOf(state)
  return Math.max(1, state.size.rows - 3 - header - (plots ? 4 : 1) - closed - query)
}
