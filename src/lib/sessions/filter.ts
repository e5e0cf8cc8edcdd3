import type {Session} from '../postgres/catalog/session.js'

/** Selects sessions. A missing field matches all; `*` in texts matches any characters. */
export interface SessionFilter {
  state?: string
  user?: string
  database?: string
  application?: string
  /** At least this many seconds in its state. */
  olderThan?: number
  /** Idle for at least this many seconds, in a transaction or not. */
  idleOver?: number
}

/** The states of a session in Postgres (https://www.postgresql.org/docs/current/monitoring-stats.html). */
export const sessionStates = [
  'active',
  'idle',
  'idle in transaction',
  'idle in transaction (aborted)',
  'fastpath function call',
  'disabled',
] as const

/** The sessions that match a filter. A hidden session matches no state and no time. */
export function filterSessions(sessions: Session[], filter: SessionFilter): Session[] {
  const {state, olderThan = -Infinity, idleOver} = filter
  const user = pattern(filter.user)
  const database = pattern(filter.database)
  const application = pattern(filter.application)
  return sessions.filter(
    (session) =>
      (state === undefined || isState(session, state)) &&
      user(session.user) &&
      database(session.database) &&
      application(session.application) &&
      (session.seconds ?? -Infinity) >= olderThan &&
      (idleOver === undefined ||
        ((isState(session, 'idle') || isInTransaction(session)) && (session.seconds ?? -Infinity) >= idleOver)),
  )
}

/** Whether a session is idle in an open transaction. */
export function isInTransaction({state}: Session): boolean {
  return state?.startsWith('idle in transaction') ?? false
}

/** `idle in transaction` includes aborted transactions, because they hold locks too. */
function isState(session: Session, wanted: string): boolean {
  return wanted === 'idle in transaction' ? isInTransaction(session) : session.state === wanted
}

function pattern(wanted: string | undefined): (text: string | null) => boolean {
  if (wanted === undefined) return () => true
  const parts = wanted.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|/-]/g, '\\$&'))
  const regular = new RegExp(`^${parts.join('.*')}$`, 's')
  return (text) => text !== null && regular.test(text)
}
