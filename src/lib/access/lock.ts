import {createHash} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import {StateError} from '../errors.js'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import {readServerDatabases, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {backendPid, together} from '../postgres/connect/client.js'
import {majorVersion} from '../postgres/connect/connect.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'

interface Holder {
  pid: number
  application: string
  client: string
  seconds: number
}

/** "crud" in ASCII: our class of advisory locks. */
const lockClass = 0x63727564

/** The session of a command that was killed may hold the lock until the server notices: so long it is waited for. */
const patienceMs = 5000
const pollMs = 50
/** From this version on a server can notice in the middle of a statement that its client has gone, and end idle sessions. */
const watchesClientSince = 14

/** How a database is locked. */
export interface LockOptions {
  /** Until the end of the open transaction, instead of the session. */
  transaction?: boolean
  /** Whether long statements run in this session: then the server is to notice within one that this process was killed. */
  runsFiles?: boolean
  /** Ends the waiting. */
  signal?: AbortSignal
  /** Told once when the lock is waited for. */
  onWait?: (holder: string) => void
}

/**
 * Locks the database `name` for this session until it ends: one command at a time creates, drops, replaces it or loads into
 * it. The lock is an advisory one; pg_locks shows it over all databases of the server, so that a command in the
 * maintenance database and one in the database itself see each other. One that is held is waited for, a few seconds, but
 * not in a transaction. The answer is what the server's databases were when the lock was taken.
 *
 * A pooler lends the server's sessions for a transaction or a statement: nothing is locked through one, and the name that
 * it knows a database by need not be the server's.
 * @throws StateError (`already_running`) with who holds the lock, (`pooled`)
 */
export async function lockDatabase(
  client: PostgresClient,
  name: string,
  options: LockOptions = {},
): Promise<ServerDatabases> {
  const key = createHash('sha256').update(name).digest().readUInt32BE() >>> 1
  const {transaction = false, runsFiles = false, onWait, signal} = options
  const deadline = performance.now() + (transaction ? 0 : patienceMs)
  for (let tries = 0; ; tries += 1) {
    const {locked, others, databases} = await tryLock(client, key, {transaction, runsFiles, first: tries === 0})
    if (locked === null) throw pooled()
    const [other] = others
    if (locked && other === undefined) return databases
    // Two that try at one moment, in two databases of the server, see each other: neither may keep it.
    if (locked && !transaction) await client.query('select pg_advisory_unlock($1::int, $2::int)', [lockClass, key])
    const holder = other === undefined ? undefined : await describeHolder(client, other)
    if (performance.now() >= deadline) throw alreadyRunning(name, holder)
    if (tries === 0) onWait?.(holderText(holder))
    await sleep(pollMs * (1 + Math.random()), undefined, {signal})
  }
}

/**
 * Lets the session live through the work of others, which its idle limit would end; one that runs files ends a second after
 * this process was killed, where the server's system can tell. Not one that makes databases: it is to go on to the marker. A
 * session of a pooler's stays as it is.
 */
function keepSession(client: PostgresClient, runsFiles: boolean): void {
  if (!(majorVersion(client) >= watchesClientSince)) return
  const settings = [['idle_session_timeout', '0'], ...(runsFiles ? [['client_connection_check_interval', '1s']] : [])]
  for (const [setting, value] of settings) {
    client
      .query('select set_config($1, $2, false) where pg_backend_pid() = $3', [setting, value, backendPid(client)])
      .catch(() => undefined)
  }
}

interface LockAnswer {
  /** Null where no session of ours would keep the lock. */
  locked: boolean | null
  /** The processes that hold the lock beside us. */
  others: number[]
  databases: ServerDatabases
}

async function tryLock(
  client: PostgresClient,
  key: number,
  {transaction, runsFiles, first}: Record<'transaction' | 'runsFiles' | 'first', boolean>,
): Promise<LockAnswer> {
  const [lock, holders, databases] = await together(client, () => {
    if (first && !transaction) keepSession(client, runsFiles)
    return [
      client.query<{locked: boolean | null}>(catalogQuery('lock'), [lockClass, key, backendPid(client), transaction]),
      client.query<{pid: number}>(catalogQuery('lock-holders'), [lockClass, key]),
      readServerDatabases(client),
    ]
  })
  return {locked: lock.rows[0]?.locked ?? null, others: holders.rows.map(({pid}) => pid), databases}
}

async function describeHolder(client: PostgresClient, pid: number): Promise<Holder | undefined> {
  return (await client.query<Holder>(catalogQuery('lock-holder'), [pid])).rows[0]
}

function holderText(holder: Holder | undefined): string {
  if (holder === undefined) return 'another command'
  return `${holder.application || 'a session'} (process ${holder.pid} from ${holder.client}, for ${Math.round(holder.seconds)} s)`
}

function pooled(): StateError {
  return new StateError(
    'What answers is a pooler: through it a database can be neither locked nor named for certain.',
    {
      code: 'pooled',
      next: ['Name the server itself in the URL instead of the pooler.'],
    },
  )
}

function alreadyRunning(name: string, holder: Holder | undefined): StateError {
  return new StateError(`Another command is using "${name}": ${holderText(holder)}. Nothing was changed.`, {
    code: 'already_running',
    next: ['Wait until it has finished, and try again.'],
    details: {database: name, holder},
  })
}
