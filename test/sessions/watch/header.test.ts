import {Chalk} from 'chalk'
import {describe, expect, it} from 'vitest'
import type {ServerLoad} from '../../../src/lib/postgres/catalog/server-load.js'
import type {Session} from '../../../src/lib/postgres/catalog/session.js'
import {headerLines} from '../../../src/lib/sessions/watch/header.js'
import {handleKey} from '../../../src/lib/sessions/watch/keys.js'
import {initialState, receive, type WatchState} from '../../../src/lib/sessions/watch/state.js'
import {render} from '../../../src/lib/sessions/watch/view.js'
import {columnsOf} from '../../../src/lib/text/table.js'
import {session} from '../../support/sessions.js'

const plain = new Chalk({level: 0})
const begin = 1_000_000
const load: ServerLoad = {
  ...{max_connections: 100, version: '18.4 (Debian)', commits: 1000, rollbacks: 10, hits: 900, reads: 100},
  ...{clock: '20:00:00', seconds: 50, replay_seconds: null, lag_bytes: null, bytes: 1_000_000_000},
}
const sessions = [
  session({pid: 1, state: 'idle in transaction', transactionSeconds: 90}),
  session({pid: 2, state: 'active', blockedBy: [1], query: 'select 2'}),
  session({pid: 3, state: 'active', blockedBy: [2], query: 'select 3'}),
  session({pid: 4, state: 'idle'}),
]
const start = (columns: number, shown: Session[] = sessions, rows = 30): WatchState =>
  receive(
    initialState({label: 'x', size: {columns, rows}, interval: 2, all: false, filter: {}}),
    {sessions: shown, role: 'app', superuser: false},
    undefined,
    begin,
    load,
  )
const later = (columns: number): WatchState =>
  receive(start(columns), {sessions, role: 'app', superuser: false}, undefined, begin + 60_000, {
    ...load,
    ...{commits: 7000, rollbacks: 16, hits: 10_800, reads: 200, seconds: 110, bytes: 1_060_000_000, lag_bytes: 5000},
  })
const keys = (state: WatchState, ...pressed: string[]): WatchState =>
  pressed.reduce((current, key) => handleKey(current, key, begin).state, state)
const pids = (state: WatchState): number[] => state.rows.map(({pid}) => pid)

describe('the header of the live view', () => {
  it('tells what the server does, as changes since the update before', () => {
    expect(headerLines(start(200), 1)).toEqual([
      '5/100 connections  2 waiting  longest transaction 1 min  cache hit 90.0 %  1.0 GB  Postgres 18.4  20:00:00',
    ])
    expect(headerLines(later(220), 1)).toEqual([
      '5/100 connections  2 waiting  100 transactions/s  0.1 rollbacks/s  longest transaction 1 min  cache hit 99.0 %  1.1 GB (+60 MB/min)  replica 5.0 kB behind  Postgres 18.4  20:00:00',
    ])
  })

  it.each([60, 80, 120, 160])('fits %i columns, and leaves out what matters least', (columns) => {
    const lines = headerLines(later(columns), columns < 120 ? 2 : 1)
    expect(lines[0]).toMatch(/^5\/100 connections {2}2 waiting/)
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
  })
})

describe('the views', () => {
  it.each([
    ['1', [2, 3]],
    ['2', [2, 3]],
    ['3', [1, 2, 3]],
    ['4', [1, 4]],
    ['0', [1, 2, 3, 4]],
  ])('%s', (key, expected) => {
    expect(pids(keys(start(120), key)).sort()).toEqual(expected)
  })

  it('the tree shows each session below the one that it waits for', () => {
    const shown = render(keys(start(120), '3'), plain, begin).filter((line) => / select | idle in/.test(line))
    expect(
      shown.map((line) =>
        line
          .slice(-14)
          .trim()
          .replace(/^.*(?=└)/, ''),
      ),
    ).toEqual([expect.anything(), '└─ select 2', '└─ select 3'])
  })

  it('letters sort by a column, and the selected query is shown in full', () => {
    expect(pids(keys(start(120), 'P'))).toEqual([1, 2, 3, 4])
    const long = session({pid: 9, query: `select ${'column_of_a_table, '.repeat(12)}end`})
    const state = keys(start(80, [long]), 'down')
    const shown = render(state, plain, begin)
    expect(shown).toHaveLength(30)
    expect(shown.join('').replace(/\s+/g, '')).toContain(long.query.replace(/\s+/g, ''))
  })

  it('asks to end a session from its details, too', () => {
    expect(keys(start(120), 'down', 'enter', 't').mode).toMatchObject({kind: 'question', cancel: false})
  })
})
