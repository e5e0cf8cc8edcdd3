import type {OperationContext} from '../access/context.js'
import {guardSessions} from '../access/guard.js'
import {StateError} from '../errors.js'
import {isProvidersRole} from '../postgres/catalog/session-program.js'
import type {Session} from '../postgres/catalog/session.js'
import {isClient, readSessions, type SessionOverview} from '../postgres/catalog/sessions.js'
import {withClient} from '../postgres/connect/client.js'
import {sqlState} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {type EndOptions, type EndOutcome, endSessions} from './end.js'
import {filterSessions, type SessionFilter} from './filter.js'
import {shownOf} from './list.js'
import {byAttention} from './order.js'

/** `pids` or, if there are none, `filter` selects the sessions. */
export interface KillOptions {
  pids: number[]
  filter: SessionFilter
  /** Cancels only the query and keeps the session. */
  cancel: boolean
  /** Ends nothing. */
  dryRun: boolean
  /** Also ends sessions of the server, of replication, of the provider and of superusers. */
  includeSystem: boolean
}

/** The outcome for one session. */
export interface KilledSession {
  pid: number
  /** Undefined if no session has that process id. */
  session?: Session
  /** `planned` in a dry run; `left` if it was skipped; `refused` if the server or the session did not obey. */
  outcome: 'ended' | 'cancelled' | 'planned' | 'gone' | 'left' | 'refused'
  reason?: string
  /** The SQLSTATE, if the server denied it. */
  code?: string
}

export interface KillResult {
  outcomes: KilledSession[]
  /** The number of sessions that match the filter but were skipped, because `includeSystem` was not set. */
  systemLeft: number
  /** Our role. */
  role: string
}

/**
 * Ends sessions of the target's server, or cancels their queries, after the guard; never its own session. A session is
 * skipped if a filter chose it and its state has changed since, or if it runs another query by now.
 * @throws RefusedError (`not_confirmed`)
 */
export async function killSessions(options: KillOptions, context: OperationContext): Promise<KillResult> {
  return withClient(context.target.url, {signal: context.signal}, async (client) => {
    const overview = await readSessions(client)
    const {pids, filter, cancel, includeSystem} = options
    const byPid = pids.length > 0
    const chosen = byPid
      ? overview.sessions.filter(({pid}) => pids.includes(pid))
      : byAttention(filterSessions(shownOf(overview.sessions, includeSystem), filter))
    const leftAlone = (session: Session): string | undefined =>
      (includeSystem ? undefined : systemReason(session, overview)) ??
      (cancel && runsNothing(session) ? 'it is not running a query' : undefined)
    const victims = chosen.filter((session) => leftAlone(session) === undefined)
    if (!options.dryRun && victims.length > 0) await guardSessions(client, victims, {cancel}, context)
    const ended: KilledSession[] = options.dryRun
      ? victims.map((session) => ({pid: session.pid, session, outcome: 'planned'}))
      : await endChosen(client, victims, {cancel, unchanged: !byPid})
    const missing = pids.filter((pid) => !chosen.some((session) => session.pid === pid))
    // Skipped sessions are listed only if they were named by process id.
    const left = byPid ? chosen.filter((session) => !victims.includes(session)) : []
    return {
      outcomes: [
        ...ended,
        ...left.map((session): KilledSession => ({
          pid: session.pid,
          session,
          outcome: 'left',
          reason: leftAlone(session),
        })),
        ...missing.map((pid): KilledSession => ({pid, outcome: 'gone', reason: 'no session has this process id'})),
      ],
      systemLeft: byPid
        ? 0
        : chosen.filter((session) => !includeSystem && systemReason(session, overview) !== undefined).length,
      role: overview.role,
    }
  })
}

/** Ends sessions after the guard. `unchanged` skips those whose state has changed. */
export async function endChosen(
  client: PostgresClient,
  victims: Session[],
  {cancel, unchanged}: EndOptions,
): Promise<KilledSession[]> {
  const endings = await endSessions(client, victims, {cancel, unchanged: cancel || unchanged})
  return victims.map((session) => ({pid: session.pid, session, ...outcomeOf(endings.get(session.pid), cancel)}))
}

function outcomeOf(
  ending: EndOutcome | undefined,
  cancel: boolean,
): Pick<KilledSession, 'outcome' | 'reason' | 'code'> {
  switch (ending?.outcome) {
    case undefined:
    case 'gone':
      return {outcome: 'gone', reason: 'it had already ended'}
    case 'done':
      return {outcome: cancel ? 'cancelled' : 'ended'}
    case 'changed':
      return {outcome: 'left', reason: 'its state has changed meanwhile'}
    case 'denied':
      return {outcome: 'refused', reason: ending.reason, code: sqlState.insufficientPrivilege}
    case 'not signalable':
      return {outcome: 'refused', reason: 'the server cannot end this process on request'}
    case 'still running':
      return {
        outcome: 'refused',
        reason: cancel ? 'the query is still running after 5 s' : 'the session is still there after 5 s',
      }
  }
}

/** Why a session is a system session, which a filter does not select by default; undefined for other sessions. */
function systemReason(session: Session, asking: Pick<SessionOverview, 'superuser'>): string | undefined {
  if (session.backend === 'walsender') return 'a session of replication'
  if (!isClient(session)) return 'a process of the server'
  if (isProvidersRole(session.user)) return 'a session of the cloud provider'
  return session.superuser && !asking.superuser ? 'a session of a superuser' : undefined
}

function runsNothing({state, hidden}: Session): boolean {
  return !hidden && state !== 'active' && state !== 'fastpath function call'
}

/**
 * Fails if a selected session was not ended.
 * @throws StateError (`sessions_left`) with all outcomes in `details.outcomes`
 */
export function refuseLeft({outcomes, role}: KillResult): void {
  const left = outcomes.filter(({outcome}) => outcome === 'refused' || outcome === 'left')
  if (left.length === 0) return
  const which = outcomes.length === 1 ? 'The session' : `${left.length} of ${outcomes.length} sessions`
  const denied = left.some(({code, session}) => code === sqlState.insufficientPrivilege && session?.superuser === false)
  throw new StateError(`${which} ${left.length === 1 ? 'was' : 'were'} left unchanged.`, {
    code: 'sessions_left',
    next: denied ? [`To allow this role to end it: grant pg_signal_backend to ${escapeIdentifier(role)};`] : [],
    details: {outcomes},
  })
}
