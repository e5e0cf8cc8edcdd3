import type {PlainSession} from '../postgres/catalog/session.js'
import {isClient} from '../postgres/catalog/sessions.js'
import {isInTransaction} from './filter.js'

/** From so many seconds on, an open transaction or a query wants a look before others do. */
const longSeconds = 60

/**
 * Puts first what wants attention: who holds others up (and more of them), who is held up, transactions that were left
 * open for long, long queries, other open transactions and queries, the idle, what is hidden, the server's workers.
 * Within each, the longest first.
 */
export function byAttention<S extends PlainSession>(sessions: S[]): S[] {
  const victims = countVictims(sessions)
  const rank = (session: S): number => {
    if (victims.has(session.pid)) return session.blockedBy.length === 0 ? 0 : 1
    if (session.blockedBy.length > 0) return 2
    if (!isClient(session)) return 9
    if (session.hidden) return 8
    const long = age(session) >= longSeconds
    if (isInTransaction(session)) return long ? 3 : 5
    if (session.state === 'active') return long ? 4 : 6
    return 7
  }
  const ranks = new Map<number, S[]>()
  for (const session of sessions) {
    const own = rank(session)
    const others = ranks.get(own)
    if (others === undefined) ranks.set(own, [session])
    else others.push(session)
  }

  const victimsOf = ({pid}: S): number => victims.get(pid) ?? 0
  const byAge = (a: S, b: S): number => age(b) - age(a) || a.pid - b.pid
  const byVictims = (a: S, b: S): number => victimsOf(b) - victimsOf(a) || byAge(a, b)
  // Only those that hold someone up have victims.
  return [...ranks].sort(([a], [b]) => a - b).flatMap(([own, same]) => same.sort(own <= 1 ? byVictims : byAge))
}

function age({seconds, transactionSeconds}: PlainSession): number {
  return transactionSeconds ?? seconds ?? 0
}

/** How many sessions each process holds up, directly. */
function countVictims(sessions: readonly PlainSession[]): Map<number, number> {
  const counts = new Map<number, number>()
  const blocked = sessions.filter(({blockedBy}) => blockedBy.length > 0)
  for (const {blockedBy} of blocked) for (const pid of blockedBy) counts.set(pid, (counts.get(pid) ?? 0) + 1)
  return counts
}

/** Whether a process holds someone up. */
export function blockersOf(sessions: readonly PlainSession[]): ReadonlySet<number> {
  return new Set(countVictims(sessions).keys())
}

/** A session in the tree of who blocks whom. */
export interface BlockedSession<S extends PlainSession> {
  session: S
  /** 0 for one that waits for nobody. */
  depth: number
  /** Those that hold it up beside the one above it; 0 is a prepared transaction. */
  alsoBlockedBy: number[]
}

/**
 * Who blocks whom: each root followed by those that it holds up, directly and through others, the root with the most
 * of them first. A session that several hold up stands below one of them that waits for nobody, if there is one: the
 * others are often only before it in the queue. In a deadlock, which has no root until
 * the server ends it, the lowest process is taken for one.
 */
export function blockingTree<S extends PlainSession>(sessions: S[]): BlockedSession<S>[] {
  const known = new Map(sessions.map((session) => [session.pid, session]))
  const below = new Map<number, S[]>()
  for (const session of sessions) {
    const blockers = session.blockedBy.flatMap((pid) => known.get(pid) ?? [])
    const above = (blockers.find(({blockedBy}) => blockedBy.length === 0) ?? blockers[0])?.pid
    if (above !== undefined) below.set(above, [...(below.get(above) ?? []), session])
  }

  const placed = new Set<number>()
  const place = (session: S, depth: number, above?: number): BlockedSession<S>[] => {
    if (placed.has(session.pid)) return []
    placed.add(session.pid)
    const own = {session, depth, alsoBlockedBy: session.blockedBy.filter((pid) => pid !== above)}
    const victims = byAttention(below.get(session.pid) ?? [])
    return [own, ...victims.flatMap((victim) => place(victim, depth + 1, session.pid))]
  }
  const involved = sessions.filter(({pid, blockedBy}) => below.has(pid) || blockedBy.length > 0)
  const roots = involved.filter(({blockedBy}) => !blockedBy.some((pid) => known.has(pid)))
  const trees = roots.map((root) => place(root, 0))
  for (const session of involved.sort((a, b) => a.pid - b.pid)) trees.push(place(session, 0))
  return trees.sort((a, b) => b.length - a.length).flat()
}
