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
import {type Ending, type EndOptions, endSessions} from './end.js'
import {filterSessions, type SessionFilter} from './filter.js'
import {shownOf} from './list.js'
import {byAttention} from './order.js'

/** What {@link killSessions} takes: process ids, or else a filter. */
export interface KillOptions {
  pids: number[]
  filter: SessionFilter
  /** Only the query is cancelled, and the session stays. */
  cancel: boolean
  /** Nothing is ended. */
  dryRun: boolean
  /** Those of the server, of replicas, of the provider and of superusers too. */
  includeSystem: boolean
}

/** What became of one session. */
export interface KilledSession {
  pid: number
  /** Undefined where no session has that process id. */
  session?: Session
  /** `planned` by a dry run; `left` alone; `refused` by the server or by the session itself. */
  outcome: 'ended' | 'cancelled' | 'planned' | 'gone' | 'left' | 'refused'
  reason?: string
  /** The server's SQLSTATE, where it denied it. */
  code?: string
}

/** What {@link killSessions} did. */
export interface KillResult {
  outcomes: KilledSession[]
  /** How many of the sessions that the filter means were left alone, since only `includeSystem` means them too. */
  systemLeft: number
  /** The role that asked. */
  role: string
}

/**
 * Ends sessions of the target's server, or cancels what they run, after the guard of protected targets; its own session
 * is never among them. One that has gone on since it was chosen by a filter, or whose query is another by now, is left
 * alone.
 * @throws RefusedError (`not_confirmed`)
 */
export async function killSessions(options: KillOptions, context: OperationContext): Promise<KillResult> {
  return withClient(context.target.url, {signal: context.signal}, async (client) => {
    const overview = await readSessions(client)
    const {pids, filter, cancel, includeSystem} = options
    const byPid = pids.length > 0
    const meant = byPid
      ? overview.sessions.filter(({pid}) => pids.includes(pid))
      : byAttention(filterSessions(shownOf(overview.sessions, includeSystem), filter))
    const leftAlone = (session: Session): string | undefined =>
      (includeSystem ? undefined : systemReason(session, overview)) ??
      (cancel && runsNothing(session) ? 'runs no query' : undefined)
    const victims = meant.filter((session) => leftAlone(session) === undefined)
    if (!options.dryRun && victims.length > 0) await guardSessions(client, victims, {cancel}, context)
    const ended: KilledSession[] = options.dryRun
      ? victims.map((session) => ({pid: session.pid, session, outcome: 'planned'}))
      : await endChosen(client, victims, {cancel, unchanged: !byPid})
    const missing = pids.filter((pid) => !meant.some((session) => session.pid === pid))
    // What a filter means is what it may: only what was named is worth a line that it was left alone.
    const left = byPid ? meant.filter((session) => !victims.includes(session)) : []
    return {
      outcomes: [
        ...ended,
        ...left.map((session): KilledSession => ({
          pid: session.pid,
          session,
          outcome: 'left',
          reason: leftAlone(session),
        })),
        ...missing.map((pid): KilledSession => ({pid, outcome: 'gone', reason: 'there is no such session'})),
      ],
      systemLeft: byPid
        ? 0
        : meant.filter((session) => !includeSystem && systemReason(session, overview) !== undefined).length,
      role: overview.role,
    }
  })
}

/** Ends sessions that were chosen and passed the guard; `unchanged` leaves those alone that have gone on since. */
export async function endChosen(
  client: PostgresClient,
  victims: Session[],
  {cancel, unchanged}: EndOptions,
): Promise<KilledSession[]> {
  const endings = await endSessions(client, victims, {cancel, unchanged: cancel || unchanged})
  return victims.map((session) => ({pid: session.pid, session, ...outcomeOf(endings.get(session.pid), cancel)}))
}

function outcomeOf(ending: Ending | undefined, cancel: boolean): Pick<KilledSession, 'outcome' | 'reason' | 'code'> {
  switch (ending?.outcome) {
    case undefined:
    case 'gone':
      return {outcome: 'gone', reason: 'it had ended by itself'}
    case 'done':
      return {outcome: cancel ? 'cancelled' : 'ended'}
    case 'changed':
      return {outcome: 'left', reason: 'it has gone on meanwhile'}
    case 'denied':
      return {outcome: 'refused', reason: ending.reason, code: sqlState.insufficientPrivilege}
    case 'deaf':
      return {outcome: 'refused', reason: 'the server does not end it on request'}
    case 'stays':
      return {outcome: 'refused', reason: `told to, and still ${cancel ? 'runs it' : 'there'} after 5 s`}
  }
}

/** Why a session is none that a person means by a filter, or ends without knowing; undefined for all others. */
function systemReason(session: Session, asking: Pick<SessionOverview, 'superuser'>): string | undefined {
  if (session.backend === 'walsender') return 'a replica or subscriber'
  if (!isClient(session)) return "the server's own"
  if (isProvidersRole(session.user)) return "the provider's own"
  return session.superuser && !asking.superuser ? "a superuser's" : undefined
}

function runsNothing({state, hidden}: Session): boolean {
  return !hidden && state !== 'active' && state !== 'fastpath function call'
}

/**
 * Complains where a session that was named, or meant by a filter, is there still.
 * @throws StateError (`sessions_left`) with all outcomes in `details.outcomes`
 */
export function refuseLeft({outcomes, role}: KillResult): void {
  const left = outcomes.filter(({outcome}) => outcome === 'refused' || outcome === 'left')
  if (left.length === 0) return
  const which = outcomes.length === 1 ? 'The session' : `${left.length} of ${outcomes.length} sessions`
  const denied = left.some(({code, session}) => code === sqlState.insufficientPrivilege && session?.superuser === false)
  throw new StateError(`${which} ${left.length === 1 ? 'was left as it is' : 'were left as they are'}.`, {
    code: 'sessions_left',
    next: denied ? [`To let the role do it: grant pg_signal_backend to ${escapeIdentifier(role)};`] : [],
    details: {outcomes},
  })
}
