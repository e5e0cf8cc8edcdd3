import {ConnectionError, type CruddurError, errorCode} from '../errors.js'
import {databaseChanged, databaseName} from '../postgres/catalog/databases.js'
import {readServerDatabases, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {connectedServer, type ConnectOptions, withClient} from '../postgres/connect/client.js'
import {isLost} from '../postgres/connect/connection.js'
import {withMaintenanceClient} from '../postgres/connect/maintenance.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {mayBeStarting, startingSeconds} from '../postgres/connect/starting.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import type {OperationContext} from './context.js'
import type {Work} from './effect.js'
import {guard, type GuardOptions} from './guard.js'
import {lockDatabase, type LockOptions} from './lock.js'

/** How long an interrupted command tries to connect again, to remove what is unfinished. */
const interruptedSeconds = 3

export interface LockedServerOptions extends Pick<ConnectOptions, 'onAbort' | 'isLast'> {
  /** Options of the guard; missing if nothing is destroyed. */
  guarded?: GuardOptions
  /** Waits a few seconds for a starting server. If it still may be starting, the error has `details.mayBeStarting`. */
  onceStarted?: boolean
}

/** A server on which this command has locked the target's database. */
export interface LockedServer {
  /** Connected to the maintenance database. */
  client: PostgresClient
  /** The databases of the server, read after the confirmation. */
  databases: ServerDatabases
  /** The caller's context, with a URL that leads to exactly this server. */
  context: OperationContext
}

/** Connects to the maintenance database, locks the target's for this session, passes the guard, and runs `use`. */
export async function withLockedServer<T>(
  {guarded, onceStarted, ...how}: LockedServerOptions,
  context: OperationContext,
  use: (server: LockedServer) => Promise<T>,
): Promise<T> {
  const {
    target: {url},
    signal,
    preconnection,
    progress,
  } = context
  const onStarting = onceStarted
    ? (failure: CruddurError) => progress(`${failure.message} Trying again for up to ${startingSeconds} s.`)
    : undefined
  let connected = false
  try {
    return await withMaintenanceClient(url, {signal, preconnection, onStarting, ...how}, async (client) => {
      connected = true
      const name = url.database
      const found = await lockDatabase(client, name, lockOptions(context))
      const pinned = pinnedTo(client, context)
      if (guarded === undefined || !(await guard(client, found, pinned, guarded)))
        return use({client, databases: found, context: pinned})
      // The user may have taken minutes to confirm.
      const databases = await readServerDatabases(client)
      if (databases.byName.get(name)?.oid !== found.byName.get(name)?.oid) throw databaseChanged(name)
      return use({client, databases, context: pinned})
    })
  } catch (error) {
    throw connected || !onceStarted ? error : whileStarting(error)
  }
}

/** Notes in the details that the server may still be starting. */
function whileStarting(error: unknown): unknown {
  if (!(error instanceof ConnectionError) || !mayBeStarting(error)) return error
  const {message, code, next, details} = error
  return new ConnectionError(message, {
    code,
    next: [...next],
    details: {...details, mayBeStarting: true},
    cause: error,
  })
}

/**
 * Runs `work`, and runs it once more in a new session if the connection is lost. The new session must get the lock first,
 * and `work` must check the state of the server before it changes anything.
 */
export async function despiteLoss<T>(
  {client, databases, context}: LockedServer,
  work: (client: PostgresClient, databases: ServerDatabases) => Promise<T>,
): Promise<T> {
  try {
    return await work(client, databases)
  } catch (error) {
    if (!isLost(client)) throw error
    const {
      target: {url},
      signal,
    } = context
    const seconds = signal.aborted ? interruptedSeconds : undefined
    return withMaintenanceClient(url, {seconds}, async (second) =>
      work(second, await lockDatabase(second, url.database)),
    ).catch((failure: unknown) => {
      throw failure instanceof ConnectionError ? lostForGood(url, failure) : failure
    })
  }
}

function lostForGood({primary: {host, port}, database}: ConnectionUrl, cause: ConnectionError): ConnectionError {
  return new ConnectionError(
    `The connection to ${host}:${port} was lost, and it is not known what was changed: ${cause.message}`,
    {
      code: 'connection_lost',
      next: [
        `"${database}" is complete: either the old database or the new one. Check which when the server answers again.`,
      ],
      details: {host, port, reconnect: cause.code},
      cause,
    },
  )
}

/** Facts about the client that {@link withLockedTarget} lends. */
export interface ClientFacts {
  /** Whether a pooler takes the server's session back after each transaction. */
  pooled: boolean
  /** Whether the target is protected, so that the work had to be confirmed. */
  guarded: boolean
}

/**
 * Like {@link withLockedServer}, but connected to the target's own database. It also works through a pooler. The steps of
 * setup call it with a database that is already locked.
 */
export async function withLockedTarget<T>(
  work: Work,
  context: OperationContext,
  use: (client: PostgresClient, facts: ClientFacts) => Promise<T>,
): Promise<T> {
  const {
    target: {url},
    signal,
    preconnection,
    locked,
  } = context
  if (locked !== undefined)
    return withClient(url, {signal, ...locked}, (client) => use(client, {pooled: false, guarded: false}))
  return withClient(url, {signal, preconnection}, async (client) => {
    const isNeeded = async (): Promise<boolean> => (await work.isNeeded?.(client)) !== false
    if (!(await isNeeded())) return use(client, {pooled: false, guarded: false})
    return withLock(client, context, work.waitMs, async (databases, name, pooled) => {
      // Another command may have done it while this one waited.
      const mustAsk = work.isNeeded === undefined || (await isNeeded())
      const guarded = mustAsk && (await guard(client, databases, context, {work, name}))
      return use(client, {pooled, guarded})
    })
  })
}

/**
 * Locks the target's database from inside it. Through a pooler, a second connection keeps a transaction open that holds
 * the lock, under the name that the server has for the database.
 */
async function withLock<T>(
  client: PostgresClient,
  context: OperationContext,
  waitMs: number | undefined,
  use: (databases: ServerDatabases, name: string, pooled: boolean) => Promise<T>,
): Promise<T> {
  const {
    target: {url},
    signal,
  } = context
  const databases = await lockDatabase(client, url.database, {...lockOptions(context), waitMs, runsFiles: true}).catch(
    (error: unknown) => {
      if (errorCode(error) === 'pooled') return undefined
      throw error
    },
  )
  if (databases !== undefined) return use(databases, url.database, false)
  return withClient(url, {signal}, async (keeper) => {
    await keeper.query('begin; set local idle_in_transaction_session_timeout = 0')
    const name = await databaseName(keeper)
    return use(await lockDatabase(keeper, name, {transaction: true}), name, true)
  })
}

function lockOptions({target: {url}, progress, signal}: OperationContext): LockOptions {
  return {
    signal,
    onWait: (holder) => progress(`Another command is using "${url.database}": ${holder}. Waiting.`),
  }
}

/** Fixes the address, because a host name may mean several servers, and others a moment later. */
function pinnedTo(client: PostgresClient, context: OperationContext): OperationContext {
  const {target} = context
  return {...context, preconnection: undefined, target: {...target, url: target.url.at(connectedServer(client))}}
}
