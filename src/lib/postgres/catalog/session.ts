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
