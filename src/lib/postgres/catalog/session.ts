/** One session, or a background process of the server. */
export interface Session {
  pid: number
  user: string | null
  database: string | null
  client: string
  /** Whether its client runs on this machine, judged by addresses. */
  here: boolean
  application: string
  /** The program of the client, guessed; empty if unknown. */
  program: string
  /** `active`, `idle`, `idle in transaction`, …; null if the role may not see it. */
  state: string | null
  /** The time in that state, in seconds. */
  seconds: number | null
  /** The age of its transaction, in seconds; null if there is none. */
  transactionSeconds: number | null
  /** The time since it connected, in seconds. */
  connectedSeconds: number | null
  /** When it connected, in ISO 8601 with microseconds. Together with `pid` it identifies the session. */
  backendStart: string | null
  /** When its state began, in ISO 8601 with microseconds. */
  stateSince: string | null
  /** https://www.postgresql.org/docs/current/monitoring-stats.html, wait_event_type and wait_event */
  waitType: string | null
  waitEvent: string | null
  /** The lock that it waits for. */
  lock: AwaitedLock | null
  /** The process ids of the sessions that block it; 0 means a prepared transaction. */
  blockedBy: number[]
  /** Whether its role is a superuser, whose sessions only superusers may end. */
  superuser: boolean
  /** Whether our role may not see the details of the session. */
  hidden: boolean
  query: string
  /** `client backend`, or the kind of background process. */
  backend: string
}

/** A lock, as in pg_locks. */
export interface AwaitedLock {
  /** `relation`, `transactionid`, `tuple`, `advisory`, … */
  kind: string
  mode: string
  /** The locked relation; its oid if it is in another database, null if no relation is locked. */
  relation: string | null
}

/** Closed sessions of all databases since the statistics were reset. Needs Postgres 14. */
export interface ClosedSessions {
  closed: number
  abandoned: number
  fatal: number
  killed: number
}
