import {together} from '../connect/client.js'
import {majorVersion} from '../connect/connect.js'
import {sqlState, sqlStateOf} from '../connect/failures.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {catalogQuery} from './catalog.js'
import {
  type BackendRow,
  closedSessions,
  type DatabaseRow,
  type LockRow,
  sessionsOf,
  waitingForLock,
} from './session-rows.js'
import type {ClosedSessions, Session} from './session.js'

/** All sessions of a server at one moment. */
export interface SessionOverview {
  /** Including background processes. */
  sessions: Session[]
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
export function isClient({backend, hidden, database}: Session): boolean {
  return backend === 'client backend' || (hidden && database !== null)
}

/** The sessions of clients in a database, except our own. */
export async function sessionsOfDatabase(client: PostgresClient, {database}: {database: string}): Promise<Session[]> {
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
  return inAnyEncoding(client, () => overviewOf(client, queryLength))
}

/**
 * Texts of sessions have the encoding of their database. If the server cannot convert one from that of ours, it is asked
 * for bytes without conversion; those that are not UTF-8 become replacement characters.
 */
async function inAnyEncoding<T>(client: PostgresClient, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const state = sqlStateOf(error)
    if (state !== sqlState.invalidCharacter && state !== sqlState.untranslatableCharacter) throw error
    await client.query("set client_encoding = 'SQL_ASCII'")
    return read()
  }
}

async function overviewOf(client: PostgresClient, queryLength: number): Promise<SessionOverview> {
  const counted = majorVersion(client) >= 14 ? 'databases' : 'databases-uncounted'
  const [{rows: backends}, {rows: databases}, {rows: roles}] = await together(client, () => [
    client.query<BackendRow>(catalogQuery('sessions'), [queryLength]),
    client.query<DatabaseRow>(catalogQuery(counted)),
    client.query<{oid: number}>(catalogQuery('superusers')),
  ])
  const waiting = waitingForLock(backends)
  const locks = waiting.length === 0 ? [] : (await client.query<LockRow>(catalogQuery('locks'), [waiting])).rows
  const answers = {backends, databases, locks, superusers: new Set(roles.map(({oid}) => oid))}
  const [own] = databases
  return {
    sessions: sessionsOf(answers),
    closed: closedSessions(answers),
    role: own?.role ?? '',
    superuser: own?.is_superuser === 'on',
  }
}

/** Reads the whole query of a session, as far as the server stores it; undefined if the session is gone or hidden. */
export async function readQuery(client: PostgresClient, {pid, backendStart}: Session): Promise<string | undefined> {
  const ask = (): Promise<{rows: {query: string | null}[]}> =>
    client.query<{query: string | null}>(catalogQuery('session-query'), [pid, backendStart])
  const {
    rows: [row],
  } = await inAnyEncoding(client, ask)
  return row?.query ?? undefined
}
