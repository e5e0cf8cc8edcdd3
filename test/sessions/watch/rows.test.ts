import {Chalk} from 'chalk'
import {describe, expect, it} from 'vitest'
import type {Session} from '../../../src/lib/postgres/catalog/session.js'
import {liveColumns} from '../../../src/lib/sessions/watch/rows.js'
import {connectionLost, initialState, receive, type WatchState} from '../../../src/lib/sessions/watch/state.js'
import {render} from '../../../src/lib/sessions/watch/view.js'
import {session} from '../../support/sessions.js'

const plain = new Chalk({level: 0})
const colored = new Chalk({level: 1})
const begin = 1_000_000

const start = (sessions: Session[], {size = {columns: 100, rows: 30}}: Partial<WatchState> = {}): WatchState =>
  receive(
    initialState({label: 'local: a@b/c', size, interval: 2, all: false, filter: {}}),
    {sessions, role: 'app', superuser: false},
    undefined,
    begin,
  )
const screen = (state: WatchState): string => render(state, plain, begin).join('\n')

describe('the rows of the live view', () => {
  it.each([60, 80, 120, 160])(
    'gives the query 40 %% of %i columns, and keeps its columns whatever comes',
    (columns) => {
      const chosen = liveColumns(undefined, columns)
      expect(chosen.at(-1)?.width).toBeGreaterThanOrEqual(columns * 0.4)
      const narrow = start([session({pid: 1})], {size: {columns, rows: 30}})
      const wide = start(
        [session({pid: 123_456, user: 'someone_with_a_long_name', blockedBy: [1, 2, 3], query: 'x'.repeat(500)})],
        {
          size: {columns, rows: 30},
        },
      )
      const heading = (state: WatchState): string | undefined =>
        render(state, plain, begin).find((line) => line.includes('QUERY'))
      expect(heading(narrow)).toBe(heading(wide))
    },
  )

  it('marks who blocks, who waits and who is long there, without colors, and colors only the state', () => {
    const sessions = [
      session({pid: 1, state: 'idle in transaction', seconds: 5}),
      session({pid: 2, state: 'active', seconds: 4, blockedBy: [1]}),
      session({pid: 3, state: 'active', seconds: 100}),
      session({pid: 4, state: 'idle', seconds: 100}),
    ]
    const shown = screen(start(sessions, {size: {columns: 160, rows: 30}}))
    for (const line of [/ 1 .*! idle in/, / 2 .*< active/, / 3 .*\* active/, / 4 .* {2} idle/])
      expect(shown).toMatch(line)
    const row = render(start(sessions, {size: {columns: 160, rows: 30}}), colored, begin).find((line) =>
      line.includes('< active'),
    )
    expect(row).toMatch(/\u001B\[31m< active *\u001B\[39m/)
    expect(row?.match(/\u001B/g)).toHaveLength(2)
  })

  it('dims what is shown while the server is lost', () => {
    const lost = connectionLost(start([session({pid: 1, state: 'active'})]), 'Lost.', begin)
    const row = render(lost, colored, begin).find((line) => / 1 /.test(line))
    expect(row).toMatch(/^\u001B\[2m[^\u001B]*\u001B\[22m$/)
  })
})
