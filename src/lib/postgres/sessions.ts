import {catalogQuery} from './catalog.js'
import {together, type PostgresClient} from './client.js'
import {majorVersion} from './connect.js'
import {type BackendRow, closedSessions, type DatabaseRow, type LockRow, type SessionAnswers, sessionsOf, waitingForLock} from './session-rows.js'

/** One backend of the server. */
export interface Session {
  pid: number
  user: string | null
  database: string | null
  client: string
  /** Whether its client runs on this machine, as far as addresses tell. */
  here: boolean
  application: string
  /** What the client probably is, see guessProgram; empty where nothing tells. */
  program: string
  /** `active`, `idle`, `idle in transaction`, …; null where the role may not see it. */
  state: string | null
  /** How long in that state, in seconds. */
  seconds: number | null
  /** How long its transaction is open, in seconds; null where there is none. */
  transactionSeconds: number | null
  /** How long it has been connected, in seconds. */
  connectedSeconds: number | null
  /** When it connected, in ISO 8601 with microseconds: with `pid` it names one session for ever. */
  backendStart: string | null
  /** When it got into its state, likewise. */
  stateSince: string | null
  /** https://www.postgresql.org/docs/current/monitoring-stats.html, wait_event_type and wait_event */
  waitType: string | null
  waitEvent: string | null
  /** The lock that it waits for. */
  lock: AwaitedLock | null
  /** The processes that hold it up, 0 for a prepared transaction. */
  blockedBy: number[]
  /** Whether its role is a superuser, whose sessions only a superuser may end. */
  superuser: boolean
  /** Whether the role that asks may not see what it does. */
  hidden: boolean
  query: string
  /** `client backend`, or which worker it is. */
  backend: string
}

/** A lock as pg_locks has it. */
export interface AwaitedLock {
  /** `relation`, `transactionid`, `tuple`, `advisory`, … */
  kind: string
  mode: string
  /** The relation that it is on; its number where it is in another database, null where it is on none. */
  relation: string | null
}

/** Closed sessions since the statistics were reset, summed over the server's databases; from Postgres 14. */
export interface ClosedSessions {
  closed: number
  abandoned: number
  fatal: number
  killed: number
}

/** A session as tables show it: whether its role is a superuser costs the server a question of its own. */
export type PlainSession = Omit<Session, 'superuser'>

/** All sessions of a server at one moment. */
export interface SessionOverview<S extends PlainSession = Session> {
  /** Background workers among them. */
  sessions: S[]
  /** Undefined before Postgres 14, which does not count them. */
  closed?: ClosedSessions
  /** The role that asked. */
  role: string
  /** Whether that is a superuser. */
  superuser: boolean
}

/** More than the server keeps of any query. */
const uncut = 2 ** 31 - 1

/** Whether it is a client's session, and not a worker of the server or a replica's; one that is hidden counts as one. */
export function isClient({backend, hidden, database}: PlainSession): boolean {
  return backend === 'client backend' || (hidden && database !== null)
}

/** The clients' sessions in a database, without our own. */
export async function listSessions(client: PostgresClient, {database}: {database: string}): Promise<Session[]> {
  const {sessions} = await readSessions(client)
  return sessions.filter((session) => session.database === database && isClient(session))
}

/**
 * All backends without our own, and the closed sessions, in one round trip, or two where someone waits for a lock.
 * `queryLength` cuts the queries on the server, in characters.
 */
export async function readSessions(client: PostgresClient, {queryLength = uncut}: {queryLength?: number} = {}): Promise<SessionOverview> {
  const {answers, more: {rows}} = await ask(client, queryLength, () => client.query<{oid: number}>(catalogQuery('superusers')))
  const superusers = new Set<number | null>(rows.map(({oid}) => oid))
  // Spread into another object, 5,000 sessions would take five times as long.
  return overviewOf(answers, (session, {usesysid}) => Object.assign(session, {superuser: superusers.has(usesysid)}))
}

/** The same without what {@link PlainSession} leaves out: the server is done a quarter sooner. */
export async function readPlainSessions(client: PostgresClient): Promise<SessionOverview<PlainSession>> {
  const {answers} = await ask(client, uncut, () => Promise.resolve())
  return overviewOf(answers, (session) => session)
}

/** Asks for the sessions, and with them what `further` asks. */
async function ask<T>(client: PostgresClient, queryLength: number, further: () => Promise<T>): Promise<{answers: SessionAnswers; more: T}> {
  const databases = majorVersion(client) >= 14 ? 'databases' : 'databases-uncounted'
  const [{rows: backends}, {rows}, more] = await together(client, () => [
    client.query<BackendRow>(catalogQuery('sessions'), [queryLength]),
    client.query<DatabaseRow>(catalogQuery(databases)),
    further(),
  ])
  const waiting = waitingForLock(backends)
  const locks = waiting.length === 0 ? [] : (await client.query<LockRow>(catalogQuery('locks'), [waiting])).rows
  return {answers: {backends, databases: rows, locks}, more}
}

function overviewOf<S extends PlainSession>(answers: SessionAnswers, complete: (session: PlainSession, row: BackendRow) => S): SessionOverview<S> {
  const [asked] = answers.databases
  const sessions = sessionsOf(answers, complete)
  return {sessions, closed: closedSessions(answers), role: asked?.role ?? '', superuser: asked?.is_superuser === 'on'}
}

/** All that the server keeps of a session's query; undefined where the session is gone or hidden. */
export async function readQuery(client: PostgresClient, {pid, backendStart}: Session): Promise<string | undefined> {
  const {rows: [row]} = await client.query<{query: string | null}>(catalogQuery('session-query'), [pid, backendStart])
  return row?.query ?? undefined
}
