import type {OperationContext} from '../access/context.js'
import type {ClosedSessions, Session} from '../postgres/catalog/session.js'
import {isClient, readSessions, type SessionOverview} from '../postgres/catalog/sessions.js'
import {withClient} from '../postgres/connect/client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {filterSessions, isInTransaction, type SessionFilter} from './filter.js'
import {blockersOf, blockingTree, byAttention} from './order.js'

export type {ClosedSessions}

/** The sessions of all databases on the target's server, with a summary. */
export interface SessionList {
  sessions: Session[]
  summary: SessionSummary
}

/** The numbers of all sessions, without the filter. */
export interface SessionSummary {
  active: number
  idle: number
  idleInTransaction: number
  /** Sessions whose details our role may not see. */
  hidden: number
  /** Undefined before Postgres 14, which does not count closed sessions. */
  closed?: ClosedSessions
}

export interface ListSessionsOptions {
  /** Also lists background workers. Those that block a client are always listed. */
  all?: boolean
  filter?: SessionFilter
  /** Lists only sessions that block or are blocked, each below its blocker. */
  blocking?: boolean
  /** Instead of {@link byAttention}. */
  sort?: (sessions: Session[]) => Session[]
  /** Called with a note about hidden details. */
  warn: (text: string) => void
}

/** Lists the sessions of the target's server, except our own. */
export async function listSessions(
  {all = false, filter = {}, blocking = false, sort, warn}: ListSessionsOptions,
  {target, signal, preconnection}: OperationContext,
): Promise<SessionList> {
  const overview = await withClient(target.url, {signal, preconnection, isLast: true}, (client) => readSessions(client))
  const hidden = describeHidden(overview)
  if (hidden !== undefined) warn(hidden)
  const sessions = blocking
    ? filterSessions(
        blockingTree(overview.sessions).map(({session}) => session),
        filter,
      )
    : byAttention(filterSessions(shownOf(overview.sessions, all), filter))
  return {sessions: sort?.(sessions) ?? sessions, summary: summarize(overview)}
}

/** The sessions of clients and those that block a client, or all sessions. */
export function shownOf(sessions: Session[], all: boolean): Session[] {
  if (all) return sessions
  const blockers = blockersOf(sessions)
  return sessions.filter((session) => isClient(session) || blockers.has(session.pid))
}

/** Counts the sessions of clients by state. */
export function summarize({sessions, closed}: SessionOverview): SessionSummary {
  const summary = {active: 0, idle: 0, idleInTransaction: 0, hidden: 0, closed}
  for (const session of sessions) {
    if (!isClient(session)) continue
    if (session.state === 'active') summary.active += 1
    if (session.state === 'idle') summary.idle += 1
    if (isInTransaction(session)) summary.idleInTransaction += 1
    if (session.hidden) summary.hidden += 1
  }

  return summary
}

/** A note about sessions whose details the role may not see; undefined if there are none. */
export function describeHidden({sessions, role}: SessionOverview): string | undefined {
  const hidden = sessions.filter((session) => session.hidden && isClient(session)).length
  if (hidden === 0) return undefined
  const whose = hidden === 1 ? '1 session of another role' : `${hidden} sessions of other roles`
  return `The role ${escapeIdentifier(role)} may not see the details of ${whose}. To see them: grant pg_monitor to ${escapeIdentifier(role)};`
}
