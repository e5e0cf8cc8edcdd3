import {Chalk} from 'chalk'
import fc from 'fast-check'
import textWidth from 'string-width'
import {describe, expect, it} from 'vitest'
import type {Session} from '../../../src/lib/postgres/catalog/session.js'
import type {SessionOverview} from '../../../src/lib/postgres/catalog/sessions.js'
import {handleKey} from '../../../src/lib/sessions/watch/keys.js'
import {sparkline} from '../../../src/lib/sessions/watch/plot.js'
import {
  closedForMs,
  connectionLost,
  initialState,
  isSameSession,
  newForMs,
  receive,
  resize,
  type WatchState,
} from '../../../src/lib/sessions/watch/state.js'
import {render} from '../../../src/lib/sessions/watch/view.js'
import {wrap} from '../../../src/lib/text/wrap.js'
import {session} from '../../support/sessions.js'

const plain = new Chalk({level: 0})
const colored = new Chalk({level: 1})
const size = {columns: 100, rows: 30}
const begin = 1_000_000

const overview = (sessions: Session[], closed?: number): SessionOverview => ({
  sessions,
  role: 'app',
  superuser: false,
  ...(closed === undefined ? {} : {closed: {closed, abandoned: 0, fatal: 0, killed: 0}}),
})
const start = (sessions: Session[], more: Partial<WatchState> = {}): WatchState =>
  receive(
    {...initialState({label: 'local: a@b/c', size, interval: 2, all: false, filter: {}}), ...more},
    overview(sessions, 10),
    undefined,
    begin,
  )
const many = (count: number): Session[] =>
  Array.from({length: count}, (_, index) =>
    session({pid: 1000 + index, seconds: count - index, query: `query ${index}`}),
  )
const keys = (state: WatchState, ...pressed: string[]): WatchState =>
  pressed.reduce((current, key) => handleKey(current, key, begin).state, state)
const screen = (state: WatchState, now = begin): string => render(state, plain, now).join('\n')

describe('the live view', () => {
  it('marks who is new, for a while, and not those of the beginning', () => {
    const [first, second] = [session({pid: 1}), session({pid: 2})]
    const state = receive(start([first]), overview([first, second]), undefined, begin + 2000)
    expect(screen(state, begin + 2000)).toMatch(/^ \+ +2 /m)
    expect(screen(state, begin + 2000)).toMatch(/^ {2} +1 /m)
    expect(screen(state, begin + 2000 + newForMs)).not.toContain('+')
  })

  it('shows who has closed for a while; a process id that is used again is another session', () => {
    const [first, again] = [
      session({pid: 7, query: 'the old one'}),
      session({pid: 7, backendStart: '2026-02-01T00:00:00Z', query: 'the new one'}),
    ]
    const state = receive(start([first]), overview([again]), undefined, begin + 2000)
    expect(screen(state, begin + 5000)).toMatch(/7 closed 3\.0 s ago .*the old one/)
    expect(screen(state, begin + 5000)).toMatch(/^ \+ +7 .*the new one/m)
    expect(screen(state, begin + 2000 + closedForMs)).not.toContain('the old one')
  })

  it('counts as closed what came and went between two looks, and no dip of the counter', () => {
    const here = [session({pid: 1})]
    let state = start(here)
    for (const [closed, expected] of [
      [13, 3],
      [12, 0],
      [13, 0],
      [14, 1],
      [0, 0],
    ] as const) {
      state = receive(state, overview(here, closed), undefined, begin)
      expect(state.history.at(-1)?.closed).toBe(expected)
    }
    expect(receive(state, overview([], 0), undefined, begin).history.at(-1)?.closed).toBe(1)
  })

  it('keeps a session selected wherever it goes, and scrolls to it', () => {
    let state = keys(start(many(100)), 'j', 'j', 'j')
    const chosen = state.selected
    expect(screen(state)).toMatch(/^> .*query 2 *$/m)
    state = keys(state, 'r')
    expect(state.selected).toBe(chosen)
    expect(screen(state)).toMatch(/^> .*query 2 *$/m)
    expect(screen(keys(state, 'home'))).toMatch(/^> .*query 99 *$/m)
    expect(screen(keys(state, 'end', 'down', 'j'))).toMatch(/^> .*query 0 *$/m)
    state = receive(state, overview(many(100).filter((each) => !isSameSession(each, chosen))), undefined, begin)
    expect(screen(state)).not.toMatch(/^>/m)
    expect(handleKey(state, 't', begin)).toMatchObject({
      state: {message: {text: expect.stringContaining('Select') as string}},
    })
  })

  it('asks before it ends anything, and takes nothing but y for a yes', () => {
    const state = keys(start([session({pid: 5, state: 'active'})]), 'down')
    for (const [key, cancel] of [
      ['t', false],
      ['c', true],
    ] as const) {
      const asked = handleKey(state, key, begin)
      expect(asked.effect).toBeUndefined()
      expect(screen(asked.state)).toMatch(
        cancel ? /Cancel the query of 5 \(.*\)\? y\/n/ : /Terminate 5 \(Node, app@shop\)\? y\/n/,
      )
      expect(handleKey(asked.state, 'y', begin).effect).toMatchObject({kind: 'end', cancel, session: {pid: 5}})
      for (const no of ['n', 'enter', 'escape', 'space', 't', 'q', 'j']) {
        const left = handleKey(asked.state, no, begin)
        expect(left.effect).toBeUndefined()
        expect(left.state.mode).toEqual({kind: 'list'})
      }
    }
    expect(handleKey(keys(start([session()]), 'down'), 'c', begin)).toMatchObject({
      state: {message: {text: '100 is not running a query.'}},
    })
    expect(handleKey({...state, protection: 'name'}, 't', begin).effect).toMatchObject({kind: 'end'})
  })

  it('searches as it is typed to, and goes back', () => {
    let state = keys(
      start([session({pid: 1, query: 'select foo'}), session({pid: 2, user: 'FOObar'}), session({pid: 3})]),
      '/',
      'f',
      'o',
      'x',
      'backspace',
    )
    expect(state.rows.map(({pid}) => pid)).toEqual([1, 2])
    expect(screen(state)).toContain('Search: fo_')
    expect(keys(state, 'escape').rows).toHaveLength(3)
    state = keys(state, 'enter')
    expect(screen(state)).toContain('/fo')
    expect(keys(state, 'escape').rows).toHaveLength(3)
    expect(handleKey(keys(state, '/'), 'q', begin).effect).toBeUndefined()
  })

  it('sorts, pauses, changes pace', () => {
    const state = start(many(3))
    expect(keys(state, 's')).toMatchObject({sort: 'pid', backwards: false})
    expect(keys(state, 's', 'r').rows.map(({pid}) => pid)).toEqual([1002, 1001, 1000])
    expect(keys(state, 'S', 'a').sort).toBe('attention')
    expect(screen(keys(state, 'space'))).toContain('paused')
    expect(keys(state, '+').interval).toBe(1)
    expect(keys(state, ...Array.from({length: 20}, () => '+')).interval).toBe(0.5)
    expect(keys(state, ...Array.from({length: 20}, () => '-')).interval).toBe(60)
  })

  it('says that the server is lost, for how long, and that it is back', () => {
    const lost = connectionLost(
      connectionLost(start([session()]), '127.0.0.1:5432 closed the connection.', begin),
      'No server accepts connections at 127.0.0.1:5432.',
      begin + 4000,
    )
    expect(screen(lost, begin + 5000)).toContain(
      'No server accepts connections at 127.0.0.1:5432. Reconnecting, lost for 5.0 s.',
    )
    expect(screen(receive(lost, overview([]), undefined, begin + 6000), begin + 6000)).toContain('Connected again.')
  })

  it('shows a session with its whole query, which steers no terminal', () => {
    const query = `select 1,\n\t'\u001B[2J\u0007${'x'.repeat(300)}'\r\n-- 日本語`
    const state = keys(start([session({query})]), 'down')
    const {state: opened, effect} = handleKey(state, 'enter', begin)
    expect(effect).toMatchObject({kind: 'query'})
    const mode = opened.mode.kind === 'details' ? {...opened.mode, lines: wrap(query, size.columns - 2)} : opened.mode
    const text = screen({...opened, mode})
    expect(text).toContain("  select 1,\n    '[2J")
    expect(text).toContain('-- 日本語')
    expect(text).not.toContain('\u001B')
    expect(screen(keys({...opened, mode}, 'end'))).toContain('日本語')
    expect(keys({...opened, mode}, 'q').mode.kind).toBe('list')
  })

  it('fills the terminal and no more, whatever its size, sessions and mode', () => {
    const odd = [
      session({
        pid: 2 ** 31 - 1,
        user: 'u'.repeat(63),
        application: '日本語'.repeat(21),
        query: '\u001B[31m\u0000\n'.repeat(50),
        state: 'active',
        blockedBy: [0, 1, 2],
      }),
      session({
        pid: 1,
        user: null,
        database: null,
        state: null,
        backend: '',
        hidden: true,
        seconds: null,
        connectedSeconds: null,
        backendStart: null,
      }),
      session({pid: 2, application: 'e\u0301👨‍👩‍👧', query: '👨‍👩‍👧'.repeat(100), transactionSeconds: 1e9, seconds: -5}),
    ]
    const modes = [[], ['?'], ['/', 'e'], ['down', 'enter'], ['down', 't'], ['space'], ['end', 's', 's', 's', 'r']]
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 200}),
        fc.integer({min: 1, max: 60}),
        fc.constantFrom(...modes),
        fc.constantFrom(0, 1, 3, 80),
        fc.boolean(),
        (columns, rows, pressed, count, gone) => {
          let state = start([...odd, ...many(80)].slice(0, count), {size: {columns, rows}})
          if (gone) state = connectionLost(receive(state, overview([]), 'name', begin + 1000), 'Lost.', begin)
          for (const resized of [
            keys(state, ...pressed),
            resize(keys(state, ...pressed), {columns: Math.max(1, columns - 7), rows: rows + 3}),
          ]) {
            for (const style of [plain, colored]) {
              const lines = render(resized, style, begin + 1500)
              expect(lines).toHaveLength(resized.size.rows)
              for (const line of lines)
                expect(textWidth(line.replace(/\u001B\[\d+m/g, ''))).toBeLessThanOrEqual(
                  Math.max(resized.size.columns, 2),
                )
            }
          }
        },
      ),
      {numRuns: 300},
    )
  })

  it('takes any keys without failing', () => {
    const key = fc.oneof(
      fc.constantFrom(
        'up',
        'down',
        'pageup',
        'pagedown',
        'home',
        'end',
        'enter',
        'escape',
        'space',
        'backspace',
        'ctrl-u',
        'f5',
        't',
        'c',
        'y',
        's',
        'S',
        'r',
        '/',
        '?',
        'w',
        'q',
        '+',
        '-',
        'ctrl-c',
        'ctrl-z',
      ),
      fc.string({unit: 'grapheme', minLength: 1, maxLength: 1}),
    )
    fc.assert(
      fc.property(fc.array(key, {maxLength: 40}), (pressed) => {
        expect(render(keys(start(many(40)), ...pressed), plain, begin)).toHaveLength(size.rows)
      }),
    )
  })
})

describe('plots', () => {
  it('are scaled to the highest of what has room; only nothing has the lowest bar', () => {
    expect(sparkline([0, 1, 50, 100], 10)).toBe('▁▂▅█')
    expect(sparkline([100, 0, 1, 2], 3)).toBe('▁▅█')
    expect(sparkline([0, 0], 5)).toBe('▁▁')
    expect(sparkline([1, 2], 0)).toBe('')
    expect(sparkline([1, 2], -3)).toBe('')
  })
})
