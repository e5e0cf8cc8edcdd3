import {isoTime, microseconds} from './server-time.js'
import {guessProgram} from './session-program.js'
import type {AwaitedLock, ClosedSessions, Session} from './session.js'

/** A row of `sql/catalog/sessions.sql`. */
export interface BackendRow {
  pid: number
  datid: number | null
  usesysid: number | null
  usename: string | null
  client_addr: string | null
  client_port: number | null
  application_name: string | null
  state: string | null
  backend_start: Buffer | null
  xact_start: Buffer | null
  state_change: Buffer | null
  now: Buffer
  wait_event_type: string | null
  wait_event: string | null
  query: string | null
  /** Null if the role may not see the session. */
  backend_type: string | null
  /** The process id of our own session. */
  own_pid: number
}

/** A row of `sql/catalog/databases.sql`. Before Postgres 14 it has no counts. */
export interface DatabaseRow {
  oid: number
  datname: string
  sessions?: string
  abandoned?: string
  fatal?: string
  killed?: string
  role: string
  is_superuser: string
  server_addr: string | null
}

/** A row of `sql/catalog/locks.sql`: what a session waits for. */
export interface LockRow {
  pid: number
  kind: string | null
  mode: string | null
  relation: string | null
  blockers: number[]
}

export interface SessionAnswers {
  backends: BackendRow[]
  databases: DatabaseRow[]
  locks: LockRow[]
  /** The oids of the roles that are superusers. */
  superusers: ReadonlySet<number | null>
}

const clientBackend = 'client backend'

/** The process ids of sessions that wait for a lock. */
export function waitingForLock(backends: readonly BackendRow[]): number[] {
  return backends.filter((row) => row.wait_event_type === 'Lock').map(({pid}) => pid)
}

/** All sessions except our own. */
export function sessionsOf({backends, databases, locks, superusers}: SessionAnswers): Session[] {
  const asking = askingOf(backends, databases)
  const names = new Map(databases.map(({oid, datname}) => [oid, datname]))
  const waits = new Map(locks.map((row) => [row.pid, row]))
  return backends.flatMap((row) => {
    if (row.pid === row.own_pid) return []
    const database = row.datid === null ? null : (names.get(row.datid) ?? null)
    const superuser = superusers.has(row.usesysid)
    return [{...sessionOf(row, database, waits.get(row.pid), asking), superuser}]
  })
}

/** Our own session, and the time of the query. */
interface Asking {
  address: string | null
  serverAddress: string | null
  /** Whether this program runs on the server's machine. */
  isLocal: boolean
  now: number
}

function askingOf(backends: readonly BackendRow[], [database]: readonly DatabaseRow[]): Asking {
  const own = backends.find(({pid, own_pid}) => pid === own_pid)
  if (own === undefined || database === undefined) throw new TypeError('our own session is missing among the sessions')
  const {client_addr: address, now} = own
  const {server_addr: serverAddress} = database
  return {address, serverAddress, isLocal: isLocal(address, serverAddress), now: microseconds(now)}
}

/** Loopback, Unix sockets and the server's own address mean the server's machine. */
function isLocal(address: string | null, serverAddress: string | null): boolean {
  return address === null || address.startsWith('127.') || address === '::1' || address === serverAddress
}

function sessionOf(
  row: BackendRow,
  database: string | null,
  lock: LockRow | undefined,
  asking: Asking,
): Omit<Session, 'superuser'> {
  const [began, transaction, changed] = [
    momentOf(row.backend_start),
    momentOf(row.xact_start),
    momentOf(row.state_change),
  ]
  const since = (moment: number | null): number | null => (moment === null ? null : (asking.now - moment) / 1_000_000)
  const user = roleOf(row)
  const application = row.application_name ?? ''
  const backend = row.backend_type ?? ''
  const hidden = row.backend_type === null
  return {
    pid: row.pid,
    user,
    database,
    client: clientOf(row),
    here: isHere(row, asking),
    application,
    program: guessProgram({application, user, backend, hidden}),
    state: row.state,
    seconds: since(changed ?? began),
    transactionSeconds: since(transaction),
    connectedSeconds: since(began),
    backendStart: began === null ? null : isoTime(began),
    stateSince: changed === null ? null : isoTime(changed),
    waitType: row.wait_event_type,
    waitEvent: row.wait_event,
    lock: lock === undefined ? null : awaitedLock(lock),
    blockedBy: lock?.blockers ?? [],
    hidden,
    query: hidden ? '' : (row.query ?? ''),
    backend,
  }
}

function momentOf(sent: Buffer | null): number | null {
  return sent === null ? null : microseconds(sent)
}

/** Null if the role was dropped; the server then reports "unknown (OID=…)". */
function roleOf({usename, usesysid}: BackendRow): string | null {
  return usename === `unknown (OID=${usesysid})` ? null : usename
}

function clientOf({client_addr: address, client_port: port, backend_type: type}: BackendRow): string {
  if (address !== null) return `${address}:${port}`
  return type === clientBackend ? 'socket' : ''
}

/** Whether the client has our address, or both run on the server's machine. */
function isHere(
  {backend_type: type, client_addr: client}: BackendRow,
  {address, serverAddress, isLocal: local}: Asking,
): boolean {
  return type === clientBackend && (client === address || (local && isLocal(client, serverAddress)))
}

function awaitedLock({kind, mode, relation}: LockRow): AwaitedLock | null {
  return kind === null || mode === null ? null : {kind, mode, relation}
}

/**
 * The number of sessions that have closed since the statistics were reset: all counted sessions minus the present ones.
 * Undefined if the server does not count them.
 */
export function closedSessions({
  backends,
  databases,
}: Pick<SessionAnswers, 'backends' | 'databases'>): ClosedSessions | undefined {
  if (databases.some(({sessions}) => sessions === undefined)) return undefined
  const sum = (count: (row: DatabaseRow) => string | undefined): number =>
    databases.reduce((total, row) => total + Number(count(row)), 0)
  // If the role may not see a session, its type is null too.
  const present = backends.filter(
    ({backend_type: type, datid}) => type === clientBackend || (type === null && datid !== null),
  )
  return {
    closed: Math.max(0, sum((row) => row.sessions) - present.length),
    abandoned: sum((row) => row.abandoned),
    fatal: sum((row) => row.fatal),
    killed: sum((row) => row.killed),
  }
}
