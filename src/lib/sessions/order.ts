import type {Session} from '../postgres/catalog/session.js'
import {isClient} from '../postgres/catalog/sessions.js'
import {isInTransaction} from './filter.js'

/** A transaction or query that is older than this, in seconds, is listed before others. */
const longSeconds = 60

/**
 * Sorts sessions by urgency: those that block others (most blocked first), blocked ones, old idle transactions, long
 * queries, other idle transactions, other queries, idle ones, hidden ones, background workers. In each group the oldest
 * come first.
 */
export function byAttention(sessions: Session[]): Session[] {
  const victims = countVictims(sessions)
  const rank = (session: Session): number => {
    if (victims.has(session.pid)) return session.blockedBy.length === 0 ? 0 : 1
    if (session.blockedBy.length > 0) return 2
    if (!isClient(session)) return 9
    if (session.hidden) return 8
    const long = isLong(session)
    if (isInTransaction(session)) return long ? 3 : 5
    if (session.state === 'active') return long ? 4 : 6
    return 7
  }
  const ranks = new Map<number, Session[]>()
  for (const session of sessions) {
    const own = rank(session)
    const others = ranks.get(own)
    if (others === undefined) ranks.set(own, [session])
    else others.push(session)
  }

  const victimsOf = ({pid}: Session): number => victims.get(pid) ?? 0
  const byAge = (a: Session, b: Session): number => age(b) - age(a) || a.pid - b.pid
  const byVictims = (a: Session, b: Session): number => victimsOf(b) - victimsOf(a) || byAge(a, b)
  // Only the first two groups have victims.
  return [...ranks].sort(([a], [b]) => a - b).flatMap(([own, same]) => same.sort(own <= 1 ? byVictims : byAge))
}

/** Whether its transaction or query is old enough to be looked at. */
export function isLong(session: Session): boolean {
  return age(session) >= longSeconds
}

function age({seconds, transactionSeconds}: Session): number {
  return transactionSeconds ?? seconds ?? 0
}

/** The number of sessions that each process blocks directly. */
function countVictims(sessions: readonly Session[]): Map<number, number> {
  const counts = new Map<number, number>()
  const blocked = sessions.filter(({blockedBy}) => blockedBy.length > 0)
  for (const {blockedBy} of blocked) for (const pid of blockedBy) counts.set(pid, (counts.get(pid) ?? 0) + 1)
  return counts
}

/** The process ids of all sessions that block others. */
export function blockersOf(sessions: readonly Session[]): ReadonlySet<number> {
  return new Set(countVictims(sessions).keys())
}

/** A session in the tree of who blocks whom. */
export interface BlockedSession {
  session: Session
  /** 0 if it waits for no session. */
  depth: number
  /** Other sessions that block it, in addition to the one above it; 0 means a prepared transaction. */
  alsoBlockedBy: number[]
}

/**
 * The tree of who blocks whom: each root is followed by the sessions that it blocks, directly or not; the root with the
 * most sessions comes first. A session with several blockers is placed below one that waits for no session, because the
 * others are often only ahead of it in the queue. A deadlock has no root, so the lowest process id becomes the root.
 */
export function blockingTree(sessions: Session[]): BlockedSession[] {
  const known = new Map(sessions.map((session) => [session.pid, session]))
  const below = new Map<number, Session[]>()
  for (const session of sessions) {
    const blockers = session.blockedBy.flatMap((pid) => known.get(pid) ?? [])
    const above = (blockers.find(({blockedBy}) => blockedBy.length === 0) ?? blockers[0])?.pid
    if (above !== undefined) below.set(above, [...(below.get(above) ?? []), session])
  }

  const placed = new Set<number>()
  const place = (session: Session, depth: number, above?: number): BlockedSession[] => {
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
