import type {OperationContext} from '../access/context.js'
import type {ClosedSessions, PlainSession, Session} from '../postgres/catalog/session.js'
import {isClient, readPlainSessions, readSessions, type SessionOverview} from '../postgres/catalog/sessions.js'
import {withClient} from '../postgres/connect/client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {filterSessions, isInTransaction, type SessionFilter} from './filter.js'
import {blockersOf, blockingTree, byAttention} from './order.js'

export type {ClosedSessions}

/** The sessions of the target's server, over all its databases, and what has become of earlier ones. */
export interface SessionList {
  sessions: Session[]
  summary: SessionSummary
}

/** How many sessions there are, whatever the filter. */
export interface SessionSummary {
  active: number
  idle: number
  idleInTransaction: number
  /** Those of which the role that asks may not see what they do. */
  hidden: number
  /** Undefined before Postgres 14, which does not count them. */
  closed?: ClosedSessions
}

/** What {@link listSessions} takes. */
export interface ListSessionsOptions {
  /** Background workers of the server too; those that hold a client up are there in any case. */
  all?: boolean
  filter?: SessionFilter
  /** Only those that wait for others and those that they wait for, each below the one that blocks it. */
  blocking?: boolean
  /** Told what the role may not see. */
  warn: (text: string) => void
}

/** Lists who is connected to the target's server, without the connection that asks; what wants attention first. */
export async function listSessions(
  options: ListSessionsOptions,
  {target, signal, early}: OperationContext,
): Promise<SessionList> {
  return listOf(await withClient(target.url, {signal, early, isLast: true}, (client) => readSessions(client)), options)
}

/** The same for a table, in which nobody sees whose role is a superuser. */
export async function showSessions(
  options: ListSessionsOptions,
  {target, signal, early}: OperationContext,
): Promise<{sessions: PlainSession[]; summary: SessionSummary}> {
  return listOf(await withClient(target.url, {signal, early, isLast: true}, readPlainSessions), options)
}

function listOf<S extends PlainSession>(
  overview: SessionOverview<S>,
  {all = false, filter = {}, blocking = false, warn}: ListSessionsOptions,
): {sessions: S[]; summary: SessionSummary} {
  const summary = summarise(overview)
  const hidden = describeHidden(overview)
  if (hidden !== undefined) warn(hidden)
  const {sessions} = overview
  if (blocking)
    return {
      sessions: filterSessions(
        blockingTree(sessions).map(({session}) => session),
        filter,
      ),
      summary,
    }
  return {sessions: byAttention(filterSessions(shownOf(sessions, all), filter)), summary}
}

/** The sessions that people ask about: the clients' and whoever holds one up, or all backends. */
export function shownOf<S extends PlainSession>(sessions: S[], all: boolean): S[] {
  if (all) return sessions
  const blockers = blockersOf(sessions)
  return sessions.filter((session) => isClient(session) || blockers.has(session.pid))
}

/** Counts clients' sessions by what they do. */
export function summarise({sessions, closed}: SessionOverview<PlainSession>): SessionSummary {
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

/** What the role may not see of others' sessions, and what would let it; undefined where it sees all. */
export function describeHidden({sessions, role}: SessionOverview<PlainSession>): string | undefined {
  const hidden = sessions.filter((session) => session.hidden && isClient(session)).length
  if (hidden === 0) return undefined
  const whose = hidden === 1 ? '1 session of another role' : `${hidden} sessions of other roles`
  return `${whose}: what they do is hidden from ${escapeIdentifier(role)}. To see it: grant pg_monitor to ${escapeIdentifier(role)};`
}
