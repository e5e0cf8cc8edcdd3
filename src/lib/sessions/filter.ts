import type {PlainSession} from '../postgres/catalog/session.js'

/** Which sessions are meant; what is left out does not matter. In the texts `*` stands for any characters. */
export interface SessionFilter {
  state?: string
  user?: string
  database?: string
  application?: string
  /** In their state for longer than so many seconds. */
  olderThan?: number
  /** Idle, in a transaction or not, for longer than so many seconds. */
  idleOver?: number
}

/** The states that Postgres gives a session (https://www.postgresql.org/docs/current/monitoring-stats.html). */
export const sessionStates = [
  'active',
  'idle',
  'idle in transaction',
  'idle in transaction (aborted)',
  'fastpath function call',
  'disabled',
] as const

/** Whether a session is one of those that a filter means. What is hidden from us matches no state and no time. */
export function filterSessions<S extends PlainSession>(sessions: S[], filter: SessionFilter): S[] {
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

/** Whether a client has left its transaction open and does nothing. */
export function isInTransaction({state}: PlainSession): boolean {
  return state?.startsWith('idle in transaction') ?? false
}

/** `idle in transaction` covers an aborted one too, since it holds its locks just the same. */
function isState(session: PlainSession, wanted: string): boolean {
  return wanted === 'idle in transaction' ? isInTransaction(session) : session.state === wanted
}

function pattern(wanted: string | undefined): (text: string | null) => boolean {
  if (wanted === undefined) return () => true
  const parts = wanted.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|/-]/g, '\\$&'))
  const regular = new RegExp(`^${parts.join('.*')}$`, 's')
  return (text) => text !== null && regular.test(text)
}
