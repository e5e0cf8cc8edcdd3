import {readFile} from 'node:fs/promises'
import type {PostgresClient} from './client.js'

/** One backend of the server, as `sql/catalog/sessions.sql` selects it. */
export interface Session {
  pid: number
  user: string | null
  database: string | null
  client: string
  application: string
  /** `active`, `idle`, `idle in transaction`, …; null where the role may not see it. */
  state: string | null
  /** How long in that state, in seconds. */
  seconds: number | null
  query: string
  /** `client backend`, or which worker it is. */
  backend: string
}

/** Closed sessions since the statistics were reset, summed over the server's databases; from Postgres 14. */
export interface ClosedSessions {
  closed: number
  abandoned: number
  fatal: number
  killed: number
}

/**
 * Lists the server's backends, without our own: all databases unless one is named, and client connections unless
 * `workers` asks for the rest too.
 */
export async function listSessions(
  client: PostgresClient,
  {database, workers = false}: {database?: string; workers?: boolean},
): Promise<Session[]> {
  const {rows} = await client.query<Session>(await catalogQuery('sessions'), [database ?? null, workers])
  return rows
}

/** Counts closed sessions; undefined before Postgres 14, which does not count them. */
export async function countClosedSessions(client: PostgresClient): Promise<ClosedSessions | undefined> {
  const {rows: [counts]} = await client.query<{[key in keyof ClosedSessions]: number | null}>(await catalogQuery('closed-sessions'))
  const {closed, abandoned, fatal, killed} = counts ?? {}
  if (typeof closed !== 'number') return undefined
  return {closed, abandoned: abandoned ?? 0, fatal: fatal ?? 0, killed: killed ?? 0}
}

/** The text of a query of sql/catalog, by its file's name. */
export async function catalogQuery(name: string): Promise<string> {
  return readFile(new URL(`../../../sql/catalog/${name}.sql`, import.meta.url), 'utf8')
}
