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

/** How {@link withLockedServer} goes about it. */
export interface LockedServerOptions extends Pick<ConnectOptions, 'outlivesAbort' | 'isLast'> {
  /** How the guard is asked; left out where nothing is destroyed. */
  guarded?: GuardOptions
  /** The command to run again, which waits a few seconds for a server that is just starting. */
  onceStarted?: 'create' | 'setup'
}

/** A server on which the target's database is locked for this command. */
export interface LockedServer {
  /** Connected to the maintenance database. */
  client: PostgresClient
  /** What the server's databases were after the guard has spoken. */
  databases: ServerDatabases
  /** The caller's, with a URL that leads to the very server that the client is connected to. */
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
    early,
    progress,
  } = context
  const onStarting =
    onceStarted && ((failure: CruddurError) => progress(`${failure.message} Trying again for ${startingSeconds} s.`))
  let connected = false
  try {
    return await withMaintenanceClient(url, {signal, early, onStarting, ...how}, async (client) => {
      connected = true
      const name = url.database
      const found = await lockDatabase(client, name, lockOptions(context))
      const pinned = pinnedTo(client, context)
      if (guarded === undefined || !(await guard(client, found, pinned, guarded)))
        return use({client, databases: found, context: pinned})
      // A question may have waited for minutes.
      const databases = await readServerDatabases(client)
      if (databases.byName.get(name)?.oid !== found.byName.get(name)?.oid) throw databaseChanged(name)
      return use({client, databases, context: pinned})
    })
  } catch (error) {
    throw connected || onceStarted === undefined ? error : withWait(error, onceStarted)
  }
}

/** Names the command that waits, where the server may only be too slow. */
function withWait(error: unknown, command: string): unknown {
  if (!(error instanceof ConnectionError) || !mayBeStarting(error)) return error
  const {message, code, next, details} = error
  return new ConnectionError(message, {
    code,
    next: [...next, `Wait for a server that is starting: cruddur-db wait && cruddur-db ${command}`],
    details,
    cause: error,
  })
}

/**
 * Runs `work`; where its session is lost, by an administrator's hand or an answer that never came, once more on a new one,
 * which has to get the lock first. `work` has to look at what there is before it changes anything.
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
    } = context
    return withMaintenanceClient(url, {}, async (second) =>
      work(second, await lockDatabase(second, url.database)),
    ).catch((failure: unknown) => {
      throw failure instanceof ConnectionError ? lostForGood(url, failure) : failure
    })
  }
}

function lostForGood({primary: {host, port}, database}: ConnectionUrl, cause: ConnectionError): ConnectionError {
  return new ConnectionError(
    `The connection to ${host}:${port} was lost, and the server cannot be asked what was done: ${cause.message}`,
    {
      code: 'connection_lost',
      next: [`"${database}" is whole: the old one or the new. See which once the server answers.`, ...cause.next],
      details: {host, port},
      cause,
    },
  )
}

/** What {@link withLockedTarget} has found out of the client that it gives. */
export interface ClientFacts {
  /** The server's session goes back to a pooler after each transaction, as it is then. */
  pooled: boolean
}

/**
 * The same as {@link withLockedServer}, connected to the target's own database, for work inside it, through a pooler too; a
 * step of a setup has locked it already.
 */
export async function withLockedTarget<T>(
  work: Work,
  context: OperationContext,
  use: (client: PostgresClient, facts: ClientFacts) => Promise<T>,
): Promise<T> {
  const {
    target: {url},
    signal,
    early,
    locked,
  } = context
  if (locked !== undefined) return withClient(url, {signal, ...locked}, (client) => use(client, {pooled: false}))
  return withClient(url, {signal, early}, (client) =>
    withLock(client, context, async (databases, name, facts) => {
      await guard(client, databases, context, {work, name})
      return use(client, facts)
    }),
  )
}

/**
 * Locks the target's database from inside it. Behind a pooler a second connection locks it, by a transaction that is kept
 * open meanwhile, and by the name that the server has for it.
 */
async function withLock<T>(
  client: PostgresClient,
  context: OperationContext,
  use: (databases: ServerDatabases, name: string, facts: ClientFacts) => Promise<T>,
): Promise<T> {
  const {
    target: {url},
    signal,
  } = context
  const databases = await lockDatabase(client, url.database, {...lockOptions(context), runsFiles: true}).catch(
    (error: unknown) => {
      if (errorCode(error) === 'pooled') return undefined
      throw error
    },
  )
  if (databases !== undefined) return use(databases, url.database, {pooled: false})
  return withClient(url, {signal}, async (keeper) => {
    await keeper.query('begin; set local idle_in_transaction_session_timeout = 0')
    const name = await databaseName(keeper)
    return use(await lockDatabase(keeper, name, {transaction: true}), name, {pooled: true})
  })
}

function lockOptions({target: {url}, progress, signal}: OperationContext): LockOptions {
  return {
    signal,
    onWait: (holder) => progress(`Waiting for another command that is using "${url.database}": ${holder}`),
  }
}

/** A name may stand for several servers, and for others a moment later. */
function pinnedTo(client: PostgresClient, context: OperationContext): OperationContext {
  const {target} = context
  return {...context, early: undefined, target: {...target, url: target.url.at(connectedServer(client))}}
}
