import {createHash} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import {StateError} from '../errors.js'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import {readServerDatabases, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {together} from '../postgres/connect/client.js'
import {majorVersion} from '../postgres/connect/connect.js'
import {backendPid, type PostgresClient} from '../postgres/connect/postgres-client.js'

interface Holder {
  pid: number
  application: string
  client: string
  seconds: number
}

/** "crud" in ASCII: our class of advisory locks. */
const lockClass = 0x63727564

/** How long to wait for the lock. A killed command holds it until the server notices. */
const lockWaitMs = 5000
/** After {@link lockWaitMs}, a longer wait asks less often. */
const lockPollMs = {first: 50, later: 500}
/** Since this version a server can notice during a statement that its client is gone, and can end idle sessions. */
const watchesClientSince = 14

export interface LockOptions {
  /** Holds the lock until the end of the open transaction, not of the session. */
  transaction?: boolean
  /** Whether long statements will run in this session, so that the server should notice if this process is killed. */
  runsFiles?: boolean
  /** How long to wait; the default is 5 seconds. */
  waitMs?: number | undefined
  signal?: AbortSignal
  /** Called once if the lock is held by another command. */
  onWait?: (holder: string) => void
}

/**
 * Locks the database `name` until the session ends, so that only one command at a time creates, drops, replaces or loads
 * it. It is an advisory lock, which pg_locks shows in all databases of the server, so commands in the maintenance database
 * and in the database itself see each other. It waits a few seconds for a lock, but not in a transaction. Returns the
 * databases of the server at the time of the lock.
 *
 * Through a pooler nothing can be locked, because it lends sessions for one transaction or statement, and it may have
 * another name for the database.
 * @throws StateError (`already_running`) with the holder of the lock, (`pooled`)
 */
export async function lockDatabase(
  client: PostgresClient,
  name: string,
  options: LockOptions = {},
): Promise<ServerDatabases> {
  const key = createHash('sha256').update(name).digest().readUInt32BE() >>> 1
  const {transaction = false, runsFiles = false, waitMs = lockWaitMs, onWait, signal} = options
  const start = performance.now()
  const deadline = start + (transaction ? 0 : waitMs)
  for (let tries = 0; ; tries += 1) {
    const {locked, others, databases} = await tryLock(client, key, {transaction, runsFiles, first: tries === 0})
    if (locked === null) throw pooled()
    const [other] = others
    if (locked && other === undefined) return databases
    // Two commands in two databases may both get the lock. Then both give it back and try again.
    if (locked && !transaction) await client.query('select pg_advisory_unlock($1::int, $2::int)', [lockClass, key])
    const holder = other === undefined ? undefined : await describeHolder(client, other)
    if (performance.now() >= deadline) throw alreadyRunning(name, holder)
    if (tries === 0) onWait?.(holderText(holder))
    const pollMs = performance.now() - start < lockWaitMs ? lockPollMs.first : lockPollMs.later
    await sleep(pollMs * (1 + Math.random()), undefined, {signal})
  }
}

/**
 * Switches off the idle limit of the session, because it may be idle while other sessions work. A session that runs files
 * also ends within a second if this process is killed; a session that creates databases must not, because it still has to
 * set the marker. Sessions of a pooler are not changed.
 */
export function keepSession(client: PostgresClient, runsFiles: boolean): Promise<unknown>[] {
  if (!(majorVersion(client) >= watchesClientSince)) return []
  const settings = [['idle_session_timeout', '0'], ...(runsFiles ? [['client_connection_check_interval', '1s']] : [])]
  return settings.map(([setting, value]) =>
    client
      .query('select set_config($1, $2, false) where pg_backend_pid() = $3', [setting, value, backendPid(client)])
      .catch(() => undefined),
  )
}

interface LockAnswer {
  /** Null if the session belongs to a pooler, which would not keep the lock. */
  locked: boolean | null
  /** Other processes that hold the lock. */
  others: number[]
  databases: ServerDatabases
}

async function tryLock(
  client: PostgresClient,
  key: number,
  {transaction, runsFiles, first}: Record<'transaction' | 'runsFiles' | 'first', boolean>,
): Promise<LockAnswer> {
  const [lock, holders, databases] = await together(client, () => {
    if (first && !transaction) void keepSession(client, runsFiles)
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
  return new StateError('The connection goes through a pooler, which cannot lock a database. Nothing was changed.', {
    code: 'pooled',
    next: ['Use the URL of the server itself, not of the pooler.'],
  })
}

function alreadyRunning(name: string, holder: Holder | undefined): StateError {
  return new StateError(`Another command is using "${name}": ${holderText(holder)}. Nothing was changed.`, {
    code: 'already_running',
    next: ['Wait until it has finished, then try again.'],
    details: {database: name, holder},
  })
}
