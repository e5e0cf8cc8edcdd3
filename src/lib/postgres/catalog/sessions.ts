import {together} from '../connect/client.js'
import {majorVersion} from '../connect/connect.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {catalogQuery} from './catalog.js'
import {
  type BackendRow,
  closedSessions,
  type DatabaseRow,
  type LockRow,
  type SessionAnswers,
  sessionsOf,
  waitingForLock,
} from './session-rows.js'
import type {ClosedSessions, PlainSession, Session} from './session.js'

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
export async function readSessions(
  client: PostgresClient,
  {queryLength = uncut}: {queryLength?: number} = {},
): Promise<SessionOverview> {
  const {
    answers,
    more: {rows},
  } = await ask(client, queryLength, () => client.query<{oid: number}>(catalogQuery('superusers')))
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
async function ask<T>(
  client: PostgresClient,
  queryLength: number,
  further: () => Promise<T>,
): Promise<{answers: SessionAnswers; more: T}> {
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

function overviewOf<S extends PlainSession>(
  answers: SessionAnswers,
  complete: (session: PlainSession, row: BackendRow) => S,
): SessionOverview<S> {
  const [asked] = answers.databases
  const sessions = sessionsOf(answers, complete)
  return {sessions, closed: closedSessions(answers), role: asked?.role ?? '', superuser: asked?.is_superuser === 'on'}
}

/** All that the server keeps of a session's query; undefined where the session is gone or hidden. */
export async function readQuery(client: PostgresClient, {pid, backendStart}: Session): Promise<string | undefined> {
  const {
    rows: [row],
  } = await client.query<{query: string | null}>(catalogQuery('session-query'), [pid, backendStart])
  return row?.query ?? undefined
}
