import {catalogQuery} from './catalog.js'
import {majorVersion} from './connect.js'
import type {PostgresClient} from './client.js'
import {guessProgram} from './session-program.js'

/** One backend of the server, as `sql/catalog/sessions.sql` selects it. */
export interface Session {
  pid: number
  user: string | null
  database: string | null
  client: string
  /** Whether its client runs on this machine, as far as addresses tell. */
  here: boolean
  application: string
  /** What the client probably is, see {@link guessProgram}; empty where nothing tells. */
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

/** All sessions of a server at one moment. */
export interface SessionOverview {
  /** Background workers among them. */
  sessions: Session[]
  /** Undefined before Postgres 14, which does not count them. */
  closed?: ClosedSessions
  /** The role that asked. */
  role: string
  /** Whether that is a superuser. */
  superuser: boolean
}

interface OverviewRow {
  sessions: Omit<Session, 'program'>[]
  closed: ClosedSessions | null
  role: string
  superuser: boolean
}

/** Whether it is a client's session, and not a worker of the server or a replica's; one that is hidden counts as one. */
export function isClient({backend, hidden, database}: Session): boolean {
  return backend === 'client backend' || (hidden && database !== null)
}

/** The clients' sessions in a database, without our own. */
export async function listSessions(client: PostgresClient, {database}: {database: string}): Promise<Session[]> {
  const {rows} = await client.query<Omit<Session, 'program'>>(await catalogQuery('sessions'), [database, null])
  return rows.map(withProgram).filter(isClient)
}

/**
 * All backends without our own, and the closed sessions, in one round trip. `queryLength` cuts the queries on the
 * server, in characters.
 */
export async function readSessions(client: PostgresClient, {queryLength}: {queryLength?: number} = {}): Promise<SessionOverview> {
  const counts = majorVersion(client) >= 14
  const [sessions, closed] = await Promise.all([catalogQuery('sessions'), counts ? catalogQuery('closed-sessions') : 'select'])
  const text = `select
    (select coalesce(json_agg(s), '[]') from (${sessions}) as s) as sessions,
    (select row_to_json(c) from (${closed}) as c where ${counts}) as closed,
    current_user as role,
    current_setting('is_superuser') = 'on' as superuser`
  const {rows: [row]} = await client.query<OverviewRow>(text, [null, queryLength ?? null])
  if (row === undefined) throw new TypeError('an overview is one row')
  return {sessions: row.sessions.map(withProgram), closed: row.closed ?? undefined, role: row.role, superuser: row.superuser}
}

function withProgram(row: Omit<Session, 'program'>): Session {
  return {...row, program: guessProgram(row)}
}

/** All that the server keeps of a session's query; undefined where the session is gone or hidden. */
export async function readQuery(client: PostgresClient, {pid, backendStart}: Session): Promise<string | undefined> {
  const {rows: [row]} = await client.query<{query: string | null}>(await catalogQuery('session-query'), [pid, backendStart])
  return row?.query ?? undefined
}
