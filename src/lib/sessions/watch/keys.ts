import type {Session} from '../../postgres/catalog/session.js'
import {sessionColumns} from '../columns.js'
import {detailLines} from './pages.js'
import {
  arrangeRows,
  listHeight,
  type Mode,
  selectedIndex,
  selectedSession,
  type View,
  type WatchState,
} from './state.js'

/** An action outside the view that a key asks for. */
export type KeyEffect =
  | {kind: 'quit' | 'interrupt' | 'suspend' | 'refresh' | 'repaint'}
  | {kind: 'end'; session: Session; cancel: boolean}
  | {kind: 'query'; session: Session}
  /** The typed confirmation; undefined if the question was left with Esc. */
  | {kind: 'words'; typed: string | undefined}

/** The new state of the view, and the action of the key. */
export interface Pressed {
  state: WatchState
  effect?: KeyEffect
}

const intervals = [0.5, 1, 2, 5, 10, 30, 60]
const sorts = ['attention', ...sessionColumns.filter(({shown}) => shown !== 'asked').map(({id}) => id)]

/** Handles a key: a printable character, or `up`, `enter`, `escape`, `ctrl-c`, … */
export function handleKey(state: WatchState, key: string, now: number): Pressed {
  if (key === 'ctrl-c') return {state, effect: {kind: 'interrupt'}}
  if (key === 'ctrl-z') return {state, effect: {kind: 'suspend'}}
  if (key === 'ctrl-l') return {state, effect: {kind: 'repaint'}}
  const {mode} = state
  switch (mode.kind) {
    case 'list':
      return inList({...state, message: undefined}, key, now)
    case 'help':
      return {state: {...state, mode: {kind: 'list'}}}
    case 'search':
      return inSearch(state, mode, key)
    case 'details':
      return inDetails(state, mode, key, now)
    case 'question':
      return inQuestion(state, mode, key)
    case 'words':
      return inConfirmation(state, mode, key)
  }
}

function inList(state: WatchState, key: string, now: number): Pressed {
  const move = rowsOf(key, Math.max(1, listHeight(state) - 1))
  if (move !== undefined) return {state: select(state, move)}
  switch (key) {
    case 'q':
      return {state, effect: {kind: 'quit'}}
    case '?':
    case 'h':
      return {state: {...state, mode: {kind: 'help'}}}
    case 'space':
      return {state: {...state, paused: !state.paused}, effect: {kind: 'refresh'}}
    case '/':
      return {state: {...state, mode: {kind: 'search', before: state.search}}}
    case 'escape':
      return {state: arrangeRows({...state, search: '', selected: state.search === '' ? undefined : state.selected})}
    case 'w':
      return {state: {...state, all: !state.all}, effect: {kind: 'refresh'}}
    case 'enter':
    case 'c':
    case 't':
      return onSelected(state, key, now)
    default:
      return {state: view(state, key) ?? arrange(state, key)}
  }
}

const views: Readonly<Record<string, View>> = {0: 'all', 1: 'running', 2: 'waiting', 3: 'blocking', 4: 'idle'}
/** The columns by which capital letters sort. */
const letters: Readonly<Record<string, string>> = {
  ...{P: 'pid', U: 'user', D: 'database', R: 'program', C: 'client', A: 'application', T: 'state', F: 'for'},
  ...{O: 'transaction', W: 'waits_for', B: 'blocked_by', Q: 'query'},
}

/** Handles keys that choose which sessions are shown, and by which column they are sorted. */
function view(state: WatchState, key: string): WatchState | undefined {
  if (Object.hasOwn(views, key)) return arrangeRows({...state, view: views[key]!, top: 0})
  if (Object.hasOwn(letters, key)) return arrangeRows({...state, sort: letters[key]!, backwards: false})
  return undefined
}

/** How many rows a key moves by, where a page has so many; undefined for a key that does not move. */
function rowsOf(key: string, page: number): number | undefined {
  const rows: Record<string, number> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    pageup: -page,
    pagedown: page,
    home: -Infinity,
    g: -Infinity,
    end: Infinity,
    G: Infinity,
  }
  return rows[key]
}

/** Handles keys that change the order or the interval. */
function arrange(state: WatchState, key: string): WatchState {
  const next = (by: number): string =>
    sorts[(sorts.indexOf(state.sort) + by + sorts.length) % sorts.length] ?? 'attention'
  const faster = intervals.findLast((seconds) => seconds < state.interval) ?? state.interval
  const slower = intervals.find((seconds) => seconds > state.interval) ?? state.interval
  switch (key) {
    case 's':
      return arrangeRows({...state, sort: next(1), backwards: false})
    case 'S':
      return arrangeRows({...state, sort: next(-1), backwards: false})
    case 'a':
      return arrangeRows({...state, sort: 'attention', backwards: false})
    case 'r':
      return arrangeRows({...state, backwards: !state.backwards})
    case '+':
      return {...state, interval: faster}
    case '-':
      return {...state, interval: slower}
    default:
      return state
  }
}

function select(state: WatchState, by: number): WatchState {
  const index = selectedIndex(state.rows, state.selected)
  const from = index === -1 ? state.top - Math.sign(by) : index
  const to = Math.min(Math.max(0, index === -1 && Math.abs(by) === 1 ? state.top : from + by), state.rows.length - 1)
  const row = state.rows[to]
  return row === undefined ? state : arrangeRows({...state, selected: row})
}

function onSelected(state: WatchState, key: string, now: number): Pressed {
  const session = selectedSession(state)
  if (session === undefined)
    return {state: {...state, message: {text: 'Select a session first, with ↑ or ↓.', at: now}}}
  if (key === 'enter') {
    const mode: Mode = {kind: 'details', session, query: session.query, lines: [], scroll: 0}
    return {state: {...state, mode}, effect: {kind: 'query', session}}
  }

  const cancel = key === 'c'
  if (cancel && session.state !== 'active')
    return {state: {...state, message: {text: `${session.pid} is not running a query.`, at: now}}}
  // On a protected target the guard asks for the confirmation, not for y.
  if (state.protection !== undefined) return {state, effect: {kind: 'end', session, cancel}}
  return {state: {...state, mode: {kind: 'question', session, cancel}}}
}

function inSearch(state: WatchState, mode: Mode & {kind: 'search'}, key: string): Pressed {
  if (key === 'enter') return {state: {...state, mode: {kind: 'list'}}}
  if (key === 'escape') return {state: arrangeRows({...state, search: mode.before, mode: {kind: 'list'}})}
  return {state: arrangeRows({...state, search: edited(state.search, key)})}
}

function inDetails(state: WatchState, mode: Mode & {kind: 'details'}, key: string, now: number): Pressed {
  if (key === 'c' || key === 't') return onSelected({...state, selected: mode.session, mode: {kind: 'list'}}, key, now)
  const page = Math.max(1, state.size.rows - 2)
  const move = key === 'space' ? page : rowsOf(key, page)
  if (move === undefined) return {state: {...state, mode: {kind: 'list'}}}
  const scroll = Math.min(Math.max(0, mode.scroll + move), Math.max(0, detailLines({...mode, scroll: 0}).length - page))
  return {state: {...state, mode: {...mode, scroll}}}
}

function inQuestion(state: WatchState, {session, cancel}: Mode & {kind: 'question'}, key: string): Pressed {
  const after: WatchState = {...state, mode: {kind: 'list'}}
  return key === 'y' || key === 'Y' ? {state: after, effect: {kind: 'end', session, cancel}} : {state: after}
}

function inConfirmation(state: WatchState, mode: Mode & {kind: 'words'}, key: string): Pressed {
  if (key === 'enter') return {state: {...state, mode: {kind: 'list'}}, effect: {kind: 'words', typed: mode.typed}}
  if (key === 'escape') return {state: {...state, mode: {kind: 'list'}}, effect: {kind: 'words', typed: undefined}}
  return {state: {...state, mode: {...mode, typed: edited(mode.typed, key)}}}
}

const maxInputLength = 200

/** Applies a key to a line of text. */
function edited(text: string, key: string): string {
  if (key === 'backspace') return [...text].slice(0, -1).join('')
  if (key === 'ctrl-u') return ''
  const typed = key === 'space' ? ' ' : key
  return [...typed].length === 1 && text.length < maxInputLength ? text + typed : text
}
