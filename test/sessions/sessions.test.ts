import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {filterSessions, type SessionFilter} from '../../src/lib/sessions/filter.js'
import {blockingTree, byAttention} from '../../src/lib/sessions/order.js'
import {session} from '../support/sessions.js'

describe('a filter of sessions', () => {
  const all = [
    session({pid: 1, state: 'idle', seconds: 700}),
    session({pid: 2, state: 'idle in transaction', seconds: 30, user: 'o\'"Neil'}),
    session({pid: 3, state: 'idle in transaction (aborted)', seconds: 900, application: 'a.b*c'}),
    session({pid: 4, state: 'active', seconds: 5000, database: null, user: null}),
    session({pid: 5, state: null, seconds: null, hidden: true}),
  ]
  const pids = (filter: SessionFilter): number[] => filterSessions(all, filter).map(({pid}) => pid)

  it.each<[SessionFilter, number[]]>([
    [{}, [1, 2, 3, 4, 5]],
    [{state: 'idle'}, [1]],
    [{state: 'idle in transaction'}, [2, 3]],
    [{state: 'idle in transaction (aborted)'}, [3]],
    [{olderThan: 600}, [1, 3, 4]],
    [{idleOver: 600}, [1, 3]],
    [{idleOver: 0}, [1, 2, 3]],
    [{user: 'o\'"Neil'}, [2]],
    [{user: '*'}, [1, 2, 3, 5]],
    [{user: 'ap'}, []],
    [{database: 'sh*p'}, [1, 2, 3, 5]],
    [{application: 'a.b*c'}, [3]],
    [{application: 'aXb*'}, []],
    [{application: '*.*'}, [3]],
  ])('%j means %j', (filter, expected) => {
    expect(pids(filter)).toEqual(expected)
  })

  it('takes any text without failing, and a text without a star for itself alone', () => {
    fc.assert(
      fc.property(fc.string(), (user) => {
        const found = filterSessions([session({user})], {user}).length
        expect(found).toBe(1)
        if (!user.includes('*')) expect(filterSessions([session({user: `${user}x`})], {user})).toEqual([])
      }),
    )
  })
})

describe('the order of sessions', () => {
  it('is by what wants attention', () => {
    const ordered = [
      session({pid: 1, state: 'idle in transaction', seconds: 2}),
      session({pid: 2, state: 'active', blockedBy: [1]}),
      session({pid: 3, state: 'active', blockedBy: [2]}),
      session({pid: 4, state: 'idle in transaction', transactionSeconds: 300}),
      session({pid: 5, state: 'active', seconds: 200}),
      session({pid: 6, state: 'idle in transaction', seconds: 1}),
      session({pid: 7, state: 'active', seconds: 1}),
      session({pid: 8, state: 'idle', seconds: 9999}),
      session({pid: 9, state: 'idle', seconds: 1}),
      session({pid: 10, state: null, hidden: true, backend: ''}),
      session({pid: 11, state: null, backend: 'checkpointer'}),
    ]
    expect(byAttention([...ordered].reverse()).map(({pid}) => pid)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('of who blocks whom has each session that is involved once, and ends, circles or not', () => {
    const pid = fc.integer({min: 1, max: 12})
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({pid, blockedBy: fc.uniqueArray(fc.integer({min: 0, max: 14}), {maxLength: 4})}), {
          selector: (each) => each.pid,
        }),
        (facts) => {
          const sessions = facts.map((each) =>
            session({...each, blockedBy: each.blockedBy.filter((other) => other !== each.pid)}),
          )
          const tree = blockingTree(sessions)
          const blockers = new Set(sessions.flatMap(({blockedBy}) => blockedBy))
          const involved = sessions.filter((each) => each.blockedBy.length > 0 || blockers.has(each.pid))
          const placed = tree.map((place) => place.session.pid)
          expect(new Set(placed).size).toBe(placed.length)
          expect([...placed].sort()).toEqual(
            involved
              .filter((each) => each.blockedBy.length > 0 || placed.includes(each.pid))
              .map((each) => each.pid)
              .sort(),
          )
          for (const {
            session: {pid: own, blockedBy},
            depth,
            alsoBlockedBy,
          } of tree) {
            expect(alsoBlockedBy).not.toContain(own)
            expect(blockedBy).toEqual(expect.arrayContaining(alsoBlockedBy))
            if (depth > 0) expect(alsoBlockedBy.length).toBe(blockedBy.length - 1)
          }
        },
      ),
    )
  })
})
