import {Chalk} from 'chalk'
import textWidth from 'string-width'
import {describe, expect, it} from 'vitest'
import {UsageError} from '../../src/lib/errors.js'
import {chooseColumns, columnNames, sorterOf} from '../../src/lib/sessions/columns.js'
import {cutList, renderBlocking, renderSessions} from '../../src/lib/sessions/table.js'
import type {SessionSummary} from '../../src/lib/sessions/list.js'
import {waitWords} from '../../src/lib/sessions/words.js'
import {session} from '../support/sessions.js'

const plain = new Chalk({level: 0})
const heading = (text: string): string[] => (text.split('\n')[0] ?? '').trim().split(/ {2,}/)
const ids = (columns: readonly {id: string}[] | undefined): string[] | undefined => columns?.map(({id}) => id)

describe('a list', () => {
  const list = {sessions: Array.from({length: 300}, (_, pid) => session({pid})), summary: {} as SessionSummary}
  it.each([
    [undefined, undefined, 300, 0],
    [undefined, 30, 23, 277],
    [undefined, 3, 1, 299],
    [0, 30, 300, 0],
    [500, 30, 300, 0],
    [10, undefined, 10, 290],
  ])('with --limit %s on a screen of %s lines has %i sessions, and %i are left', (limit, screen, shown, left) => {
    const cut = cutList(list, limit, screen)
    expect([cut.list.sessions.length, cut.left]).toEqual([shown, left])
    expect(cut.list.sessions[0]?.pid).toBe(0)
  })
})

describe('the table of sessions', () => {
  const blocked = session({
    pid: 101,
    state: 'active',
    waitType: 'Lock',
    waitEvent: 'relation',
    lock: {kind: 'relation', mode: 'AccessExclusiveLock', relation: 'activities'},
    blockedBy: [100],
    user: 'u'.repeat(63),
    application: '日本語'.repeat(20),
    query: 'alter table activities add column x int; -- and so on, for long',
    transactionSeconds: 3,
  })

  it.each([20, 40, 60, 80, 100, 160, 240])('fits %d columns, or is as narrow as what must stay', (width) => {
    const lines = renderSessions([session(), blocked], width, plain).split('\n')
    for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(Math.max(width, 34))
    expect(lines[0]).toContain('PID')
    expect(lines[0]).toContain('QUERY')
  })

  it('drops what matters least first, and has no column that would be empty', () => {
    expect(heading(renderSessions([session(), blocked], 80, plain))).toEqual([
      'PID',
      'STATE',
      'FOR',
      'OPEN',
      'WAITS FOR',
      'BLOCKED BY',
      'QUERY',
    ])
    expect(heading(renderSessions([session()], undefined, plain))).toEqual([
      'PID',
      'USER',
      'DATABASE',
      'PROGRAM',
      'CLIENT',
      'APPLICATION',
      'STATE',
      'FOR',
      'QUERY',
    ])
    expect(heading(renderSessions([session(), blocked], undefined, plain))).toContain('OPEN')
  })

  it('keeps what was asked for, however narrow', () => {
    expect(
      heading(renderSessions([session()], 30, plain, chooseColumns('application,user,client,database'))),
    ).toHaveLength(4)
  })

  it('shows who blocks whom as a tree', () => {
    const root = session({state: 'idle in transaction', query: 'lock'})
    const third = session({...blocked, pid: 102, blockedBy: [100, 101]})
    const fourth = session({...blocked, pid: 103, blockedBy: [101, 0]})
    const [, ...lines] = renderBlocking([fourth, third, root, blocked, session({pid: 1})], undefined, plain).split('\n')
    expect(lines.map((line) => /^[^a-z]*\d+/.exec(line)?.[0])).toEqual(['100', '├─ 101', '│  └─ 103', '└─ 102'])
    expect(lines[1]).toContain('lock on activities, AccessExclusive')
    expect(lines[2]).toContain('a prepared transaction')
  })

  it('chooses columns in an order, or leaves some out; an unknown one is answered with all', () => {
    expect(ids(chooseColumns('query, PID,waits-for'))).toEqual(['query', 'pid', 'waits_for'])
    expect(ids(chooseColumns('-query,-user'))).toEqual(expect.not.arrayContaining(['query', 'user']))
    expect(ids(chooseColumns('pid,query,-query'))).toEqual(['pid'])
    for (const wanted of ['', ',', 'pid,', 'nonsense', 'pid,-nonsense', '-', 'pid,-pid']) {
      let failure: unknown
      try {
        chooseColumns(wanted)
      } catch (error) {
        failure = error
      }
      expect(failure, wanted).toBeInstanceOf(UsageError)
      expect((failure as UsageError).next.join()).toContain(columnNames.join(', '))
    }
  })

  it('sorts times from the longest, names from A, and the other way round', () => {
    const all = [
      session({pid: 1, seconds: null, user: 'b'}),
      session({pid: 2, seconds: 9, user: null}),
      session({pid: 3, seconds: 70, user: 'a'}),
    ]
    const order = (by: string): number[] => sorterOf(by)(all).map(({pid}) => pid)
    expect(order('for')).toEqual([3, 2, 1])
    expect(order('-for')).toEqual([1, 2, 3])
    expect(order('user')).toEqual([2, 3, 1])
    expect(order('pid')).toEqual([1, 2, 3])
    expect(order('-pid')).toEqual([3, 2, 1])
    expect(() => sorterOf('size')).toThrow(UsageError)
  })

  it.each([
    [{waitType: null, waitEvent: null}, ''],
    [{waitType: 'Client', waitEvent: 'ClientRead', state: 'idle'}, ''],
    [{waitType: 'Client', waitEvent: 'ClientRead', state: 'idle in transaction'}, ''],
    [{waitType: 'Client', waitEvent: 'ClientWrite', state: 'active'}, 'its client (ClientWrite)'],
    [{waitType: 'Activity', waitEvent: 'WalWriterMain'}, ''],
    [{waitType: 'IO', waitEvent: 'DataFileRead'}, 'disk (DataFileRead)'],
    [{waitType: 'Timeout', waitEvent: 'PgSleep'}, 'pg_sleep'],
    [{waitType: 'Novel', waitEvent: 'Thing'}, 'novel (Thing)'],
    [
      {waitType: 'Lock', waitEvent: 'relation', lock: {kind: 'relation', mode: 'x', relation: '"Odd name"'}},
      'lock on "Odd name"',
    ],
    [
      {waitType: 'Lock', waitEvent: 'transactionid', lock: {kind: 'transactionid', mode: 'x', relation: 'users'}},
      'row of users',
    ],
    [
      {waitType: 'Lock', waitEvent: 'transactionid', lock: {kind: 'transactionid', mode: 'x', relation: null}},
      'another transaction',
    ],
    [{waitType: 'Lock', waitEvent: 'advisory', lock: {kind: 'advisory', mode: 'x', relation: null}}, 'advisory lock'],
    [{waitType: 'Lock', waitEvent: 'object', lock: null}, 'lock (object)'],
  ])('says what %j waits for: %s', (facts, words) => {
    expect(waitWords(session(facts))).toBe(words)
  })
})
