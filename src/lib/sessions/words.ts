import type {Session} from '../postgres/catalog/session.js'
import {isClient} from '../postgres/catalog/sessions.js'
import type {ClosedSessions, SessionSummary} from './list.js'

/** Names for locks that are not on a relation (https://www.postgresql.org/docs/current/view-pg-locks.html). */
const lockedThings: Record<string, string> = {
  transactionid: 'another transaction',
  virtualxid: 'an older transaction',
  spectoken: 'another insert',
  advisory: 'advisory lock',
  userlock: 'advisory lock',
  frozenid: 'frozen ids',
  applytransaction: 'applied transaction',
}

const waitedFor: Record<string, string> = {
  LWLock: 'server',
  BufferPin: 'buffer',
  Buffer: 'buffer',
  IO: 'disk',
  IPC: 'process',
  Timeout: 'timer',
  Extension: 'extension',
  InjectionPoint: 'injection point',
}

/**
 * What a session waits for: `lock on activities`, `row of activities`, `disk (DataFileRead)`. Empty if it is running, or
 * if it is idle and waits for its client.
 */
export function waitWords({waitType, waitEvent, lock, state}: Session): string {
  if (waitType === null) return ''
  if (waitType === 'Lock') return lock === null ? `lock (${waitEvent})` : lockWords(lock.kind, lock.relation)
  if (waitType === 'Client') return state === 'active' ? `its client (${waitEvent})` : ''
  if (waitType === 'Activity') return ''
  if (waitEvent === 'PgSleep') return 'pg_sleep'
  return `${waitedFor[waitType] ?? waitType.toLowerCase()} (${waitEvent})`
}

function lockWords(kind: string, relation: string | null): string {
  if (relation === null) return lockedThings[kind] ?? `lock on ${kind}`
  return kind === 'tuple' || kind === 'transactionid' ? `row of ${relation}` : `lock on ${relation}`
}

/** The blockers of a session: process ids and prepared transactions. */
export function blockerWords(pids: number[]): string {
  return pids.map((pid) => (pid === 0 ? 'a prepared transaction' : String(pid))).join(', ')
}

/** The state of a session, short enough for a column. For a background worker it is the kind of worker. */
export function stateWords(session: Session): string {
  if (session.hidden) return 'hidden'
  if (session.state === 'idle in transaction (aborted)') return 'aborted transaction'
  return session.state ?? (isClient(session) ? '' : session.backend)
}

/** The client's address and port, with `here` for this machine. */
export function clientWords({client, here}: Session): string {
  return here ? client.replace(/^.*:(?=\d+$)|^(?=socket$)/, 'here:') : client
}

/** The numbers of present and closed sessions, on one line or on two if the terminal is narrow. */
export function summaryLines(
  {active, idle, idleInTransaction, hidden, closed}: SessionSummary,
  width = Infinity,
): string {
  const unknown = hidden === 0 ? '' : `, ${hidden} hidden`
  const present = `${active} active, ${idle} idle, ${idleInTransaction} idle in transaction${unknown}`
  const gone = closed === undefined ? 'closed sessions not counted before Postgres 14' : closedWords(closed)
  return `${present},${present.length + gone.length + 2 <= width ? ' ' : '\n'}${gone}`
}

function closedWords({closed, abandoned, fatal, killed}: ClosedSessions): string {
  return `${closed} closed (${abandoned} abandoned, ${fatal} fatal, ${killed} killed)`
}
