import type {Session} from '../../postgres/catalog/session.js'
import {isClient, type SessionOverview} from '../../postgres/catalog/sessions.js'
import type {Protection} from '../../targets/protection.js'
import {oneLine} from '../../text/table.js'
import {wrap} from '../../text/wrap.js'
import {type SessionColumn, sessionColumns, sorterOf} from '../columns.js'
import {filterSessions, type SessionFilter} from '../filter.js'
import {type SessionSummary, shownOf, summarise} from '../list.js'
import {byAttention} from '../order.js'

/** A terminal's size. */
export interface Size {
  columns: number
  rows: number
}

/** What is on the screen beside the list, and so what keys do. */
export type Mode =
  | {kind: 'list'}
  | {kind: 'help'}
  | {kind: 'search'; before: string}
  | {kind: 'details'; session: Session; query: string; lines: string[]; scroll: number}
  | {kind: 'question'; session: Session; cancel: boolean}
  | {kind: 'words'; expected: string; typed: string; pid: number}

/** How many sessions did what at one look. */
export interface Moment {
  active: number
  idle: number
  inTransaction: number
  /** Since the look before. */
  closed: number
}

/** What names one session for ever. */
export type SessionId = Pick<Session, 'pid' | 'backendStart'>

/** All that the live view knows; each change makes a new one. Times are in milliseconds of one clock. */
export interface WatchState {
  /** Which database, as a person knows it. */
  label: string
  size: Size
  interval: number
  paused: boolean
  all: boolean
  filter: SessionFilter
  columns?: readonly SessionColumn[]
  summary?: SessionSummary
  protection?: Protection
  /** Those that the filter means. */
  sessions: Session[]
  /** The sessions as they stand in the list: searched and sorted. */
  rows: Session[]
  /** The first of them on the screen. */
  top: number
  selected?: SessionId
  /** The sessions of the last look, whatever the filter, by process. */
  known: ReadonlyMap<number, Session>
  /** When those of them that were not there from the beginning were seen first. */
  arrivals: ReadonlyMap<number, number>
  closed: readonly {session: Session; at: number}[]
  history: readonly Moment[]
  /** The highest count of closed sessions that the server gave: it is late at times, and goes down when it is reset. */
  closedCount?: number
  sort: string
  backwards: boolean
  search: string
  mode: Mode
  message?: {text: string; at: number}
  lost?: {message: string; at: number}
}

/** How long a closed session stays on the screen, and one is new. */
export const closedForMs = 15_000
export const newForMs = 10_000
const longestHistory = 1000
const mostClosed = 50

/** What {@link initialState} takes. */
export type WatchSettings = Pick<WatchState, 'label' | 'size' | 'interval' | 'all' | 'filter' | 'columns'> & {
  sort?: string
}

/** The view before the first look. */
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
    search: '',
    mode: {kind: 'list'},
  }
}

/** Whether two are one session: a process id is used again. Comparing takes less than a text of both for thousands. */
export function isSame(one: SessionId | undefined, other: SessionId | undefined): boolean {
  return one !== undefined && one.pid === other?.pid && one.backendStart === other.backendStart
}

/** Takes in a look at the server. */
export function receive(
  state: WatchState,
  overview: SessionOverview,
  protection: Protection | undefined,
  now: number,
): WatchState {
  const first = state.summary === undefined
  const summary = summarise(overview)
  const known = new Map<number, Session>()
  for (const session of overview.sessions) known.set(session.pid, session)
  const vanished = state.sessions.filter((session) => !isSame(session, known.get(session.pid)))
  const counted = summary.closed?.closed
  const increase = counted === undefined || state.closedCount === undefined ? 0 : counted - state.closedCount
  const moment: Moment = {
    active: summary.active,
    idle: summary.idle,
    inTransaction: summary.idleInTransaction,
    closed: first ? 0 : Math.max(vanished.filter(isClient).length, increase),
  }
  return settle({
    ...state,
    summary,
    protection,
    sessions: filterSessions(shownOf(overview.sessions, state.all), state.filter),
    known,
    arrivals: first ? state.arrivals : arrivalsOf(state, overview.sessions, now),
    closed: [...vanished.map((session) => ({session, at: now})), ...recent(state, now)].slice(0, mostClosed),
    history: [...state.history, moment].slice(-longestHistory),
    closedCount: counted === undefined ? undefined : Math.max(counted, state.closedCount ?? 0),
    message: state.lost === undefined ? state.message : {text: 'Connected again.', at: now},
    lost: undefined,
  })
}

function arrivalsOf({known, arrivals}: WatchState, sessions: readonly Session[], now: number): WatchState['arrivals'] {
  const arrived = new Map<number, number>()
  for (const session of sessions) {
    const at = isSame(session, known.get(session.pid)) ? arrivals.get(session.pid) : now
    if (at !== undefined) arrived.set(session.pid, at)
  }

  return arrived
}

/** The sessions that closed a short while ago. */
export function recent({closed}: WatchState, now: number): {session: Session; at: number}[] {
  return closed.filter(({at}) => now - at < closedForMs)
}

/** Takes in that the server cannot be reached. */
export function lose(state: WatchState, message: string, now: number): WatchState {
  return {...state, lost: {message, at: state.lost?.at ?? now}}
}

/** Takes in the terminal's new size. */
export function resize(state: WatchState, size: Size): WatchState {
  const {mode} = state
  return settle({
    ...state,
    size,
    mode: mode.kind === 'details' ? {...mode, lines: wrap(mode.query, size.columns - 2)} : mode,
  })
}

/** Searches and sorts again, and keeps what is selected on the screen. */
export function settle(state: WatchState): WatchState {
  const found =
    state.search === ''
      ? state.sessions
      : state.sessions.filter((session) => mentions(session, state.search.toLowerCase()))
  const sorted = state.sort === 'attention' ? byAttention(found) : sorterOf(state.sort)(found)
  const rows = state.backwards ? sorted.reverse() : sorted
  const height = listHeight(state.size)
  const index = selectedIndex(rows, state.selected)
  const lowest = Math.max(0, rows.length - height)
  const top = index === -1 ? state.top : Math.min(Math.max(state.top, index - height + 1), index)
  return {...state, rows, top: Math.min(Math.max(0, top), lowest)}
}

/** The session that is selected, as it was seen last. */
export function selectedSession({rows, selected}: WatchState): Session | undefined {
  return rows[selectedIndex(rows, selected)]
}

/** Where a session stands in the list; -1 where it does not, or where there is none. */
export function selectedIndex(rows: readonly Session[], selected: SessionId | undefined): number {
  return selected === undefined ? -1 : rows.findIndex((session) => isSame(session, selected))
}

function mentions(session: Session, text: string): boolean {
  return (
    sessionColumns.some(({cell}) => cell(session).toLowerCase().includes(text)) ||
    oneLine(session.query, 1000).toLowerCase().includes(text)
  )
}

/** How the screen is divided, in lines: plots want a tall one. */
export function layoutOf({rows}: Size): {plots: boolean; closed: number} {
  return {plots: rows >= 20, closed: rows >= 20 ? 3 : rows >= 12 ? 1 : 0}
}

/** How many sessions the list has room for: there is a line above for the target, one for headings, one below. */
export function listHeight(size: Size): number {
  const {plots, closed} = layoutOf(size)
  return Math.max(1, size.rows - 3 - (plots ? 4 : 1) - closed)
}
