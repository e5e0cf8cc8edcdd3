import {oneLine} from '../../text/table.js'
import {sessionColumns} from '../columns.js'
import type {Mode} from './state.js'

/** Keys and what they do. */
const keyHelp: readonly (readonly [keys: string, does: string])[] = [
  ['↑ ↓, j k', 'select a session; PgUp, PgDn, Home, End too'],
  ['Enter', 'the session and its whole query'],
  ['c', 'cancel the query of the selected session, after a question'],
  ['t', 'terminate the selected session, after a question'],
  ['s S', 'sort by the next column, the one before; a by attention'],
  ['r', 'the other way round'],
  ['/', 'only what holds a text; Esc takes it away'],
  ['w', "the server's background workers too, or not"],
  ['Space', 'pause, go on'],
  ['+ -', 'look more often, less often'],
  ['q', 'quit'],
]

/** What keys there are. */
export function helpLines(): string[] {
  return [
    '',
    ...keyHelp.map(([keys, does]) => `  ${keys.padEnd(9)} ${does}`),
    '',
    '  + is new, > is selected; red waits for a lock or holds one up.',
  ]
}

/** One session with all that is known of it, and its query, from the line that was scrolled to. */
export function detailLines({session, lines, scroll}: Mode & {kind: 'details'}): string[] {
  const facts = sessionColumns
    .filter(({id, cell}) => id !== 'query' && cell(session) !== '')
    .map((column) => `  ${column.heading.toLowerCase().padEnd(12)} ${oneLine(column.cell(session), 500)}`)
  // The facts scroll away with the query, so that a small terminal shows both.
  return ['', ...facts, '', ...lines.map((line) => `  ${line}`)].slice(scroll)
}
