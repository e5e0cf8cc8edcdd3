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
  /** Including background processes. */
  sessions: S[]
  /** Undefined before Postgres 14, which does not count closed sessions. */
  closed?: ClosedSessions
  /** Our role. */
  role: string
  /** Whether our role is a superuser. */
  superuser: boolean
}

/** More characters than the server stores of any query. */
const uncut = 2 ** 31 - 1

/** Whether it is the session of a client, not of a background process or a replica. Hidden sessions count as clients. */
export function isClient({backend, hidden, database}: PlainSession): boolean {
  return backend === 'client backend' || (hidden && database !== null)
}

/** The sessions of clients in a database, except our own. */
export async function listSessions(client: PostgresClient, {database}: {database: string}): Promise<Session[]> {
  const {sessions} = await readSessions(client)
  return sessions.filter((session) => session.database === database && isClient(session))
}

/**
 * Reads all sessions except our own, and the number of closed ones, in one round trip, or two if a session waits for a
 * lock. The server cuts queries to `queryLength` characters.
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
  // Copying each object would take five times as long with 5,000 sessions.
  return overviewOf(answers, (session, {usesysid}) => Object.assign(session, {superuser: superusers.has(usesysid)}))
}

/** Like {@link readSessions} but without `superuser`, which saves the server a quarter of the time. */
export async function readPlainSessions(client: PostgresClient): Promise<SessionOverview<PlainSession>> {
  const {answers} = await ask(client, uncut, () => Promise.resolve())
  return overviewOf(answers, (session) => session)
}

/** Queries the sessions, and `further` in the same round trip. */
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

/** Reads the whole query of a session, as far as the server stores it; undefined if the session is gone or hidden. */
export async function readQuery(client: PostgresClient, {pid, backendStart}: Session): Promise<string | undefined> {
  const {
    rows: [row],
  } = await client.query<{query: string | null}>(catalogQuery('session-query'), [pid, backendStart])
  return row?.query ?? undefined
}
