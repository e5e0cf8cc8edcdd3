import {oneLine} from '../../text/table.js'
import {sessionColumns} from '../columns.js'
import type {Mode} from './state.js'

const keyHelp: readonly (readonly [keys: string, does: string])[] = [
  ['↑ ↓, j k', 'select a session (also PgUp, PgDn, Home, End)'],
  ['Enter', 'show the session and its whole query'],
  ['0 1 2 3 4', 'show all, running, waiting, the tree of who blocks whom, idle'],
  ['c', 'cancel the query of the selected session (asks first)'],
  ['t', 'terminate the selected session (asks first)'],
  ['s S', 'sort by the next or the previous column; a sorts by attention'],
  ['P U D …', 'sort by PID, User, Database, pRogram, Client, Application, sTate, For, Open, Waits, Blocked, Query'],
  ['r', 'reverse the order'],
  ['/', 'show only sessions that contain a text; Esc shows all'],
  ['w', "show or hide the server's background workers"],
  ['Space', 'pause or continue'],
  ['+ -', 'update more often or less often'],
  ['q', 'quit'],
]

export function helpLines(): string[] {
  return [
    '',
    ...keyHelp.map(([keys, does]) => `  ${keys.padEnd(9)} ${does}`),
    '',
    '  + is new, > is selected. Before the state: ! blocks others, < waits for a lock, * is over a minute old.',
  ]
}

/** All facts of one session and its query, from the scrolled line on. */
export function detailLines({session, lines, scroll}: Mode & {kind: 'details'}): string[] {
  const facts = sessionColumns
    .filter(({id, cell}) => id !== 'query' && cell(session) !== '')
    .map((column) => `  ${column.heading.toLowerCase().padEnd(12)} ${oneLine(column.cell(session), 500)}`)
  // The facts scroll with the query, so that a small terminal can show both.
  return ['', ...facts, '', ...lines.map((line) => `  ${line}`)].slice(scroll)
}
