import {Client, DatabaseError} from 'pg'
import {InterruptedError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {AttemptOptions, Connected} from './attempt.js'
import {openChannel} from './channel.js'
import {close} from './close.js'
import {clientConfig, firstToConnect, openClient} from './connect.js'
import {isLost} from './connection.js'
import {lostConnection, statementFailure} from './failures.js'
import {watchLiveness} from './liveness.js'
import {backendPid, cancelKeyOf, type PostgresClient, socketOf} from './postgres-client.js'

/** Options of {@link withClient}. If `signal` aborts, it throws InterruptedError. */
export interface ConnectOptions extends AttemptOptions {
  /**
   * What an abort does to an open session: `end` also ends it on the server, so that a running statement is rolled back
   * (the default); `drop` only closes the socket; `keep` leaves it to `use`, which then has to end soon.
   */
  onAbort?: 'end' | 'drop' | 'keep'
  /** A login that was started earlier. It is used if it led to a session. */
  preconnection?: {finish(): Promise<Connected | undefined>}
  /**
   * Whether the caller does not wait until the session is closed. The process still waits at its end, so that the next
   * command finds neither the session nor its lock.
   */
  isLast?: boolean
}

/** How long ending a session from outside may take. A server answers that at once. */
const endWithinMs = 3000

/**
 * Connects, runs `use`, and always closes the connection.
 * @throws ConnectionError, StateError (`3D000`, `server_unsupported`), SqlError, InterruptedError
 */
export async function withClient<T>(
  url: ConnectionUrl,
  options: ConnectOptions,
  use: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  const {signal, onAbort = 'end', isLast = false} = options
  if (signal?.aborted) throw new InterruptedError(signal.reason)
  const connected = (await options.preconnection?.finish()) ?? (await connect(url, options))
  const {client} = connected
  const {promise: interrupted, stop} = whenAborted(connected, onAbort, signal)
  try {
    return await Promise.race([use(client), interrupted])
  } catch (error) {
    if (!(error instanceof DatabaseError) && isLost(client)) throw lostConnection(error, url)
    throw statementFailure(error, url)
  } finally {
    stop()
    const closed = close(client)
    if (!isLast) await closed
  }
}

/**
 * Switches pipelining on or off: the client sends queries without waiting for earlier answers, and each runs even if one
 * before it fails. Messages of scripts cannot be sent meanwhile.
 */
export function pipeline(client: PostgresClient, on: boolean): void {
  ;(client as Pipelining).pipeline = on
}

/** Exists in pg but not in its types. */
type Pipelining = Client & {pipeline: boolean}

/**
 * Sends the queries of `send` in one round trip and one write, so that the server gets all or none of them if this process
 * is killed.
 * @throws the error of the first failed query, after all are answered
 */
export async function together<T extends readonly unknown[]>(
  client: PostgresClient,
  send: () => readonly [...T],
): Promise<{-readonly [K in keyof T]: Awaited<T[K]>}> {
  const {pipeline: before} = client as Pipelining
  const {stream} = client.connection
  pipeline(client, true)
  stream.cork()
  const answers = send()
  stream.uncork()
  await Promise.allSettled(answers)
  pipeline(client, before)
  return Promise.all(answers)
}

/** Rejects when `signal` has aborted and the session is ended as `onAbort` says. Otherwise it never settles. */
function whenAborted(
  connected: Connected,
  onAbort: ConnectOptions['onAbort'],
  signal?: AbortSignal,
): {promise: Promise<never>; stop: () => void} {
  let stop = (): void => undefined
  const promise = new Promise<never>((_resolve, reject) => {
    const abort = (): void => {
      const ended = onAbort === 'end' ? endSession(connected) : Promise.resolve(dropConnection(connected.client))
      void ended.then(() => reject(new InterruptedError(signal?.reason)))
    }

    if (onAbort !== 'keep') signal?.addEventListener('abort', abort, {once: true})
    stop = () => signal?.removeEventListener('abort', abort)
  })
  return {promise, stop}
}

/** Closes the socket at once, so that pending queries fail: for a server that no longer answers. */
export function dropConnection(client: PostgresClient): void {
  client.connection.stream.destroy()
}

/** The connected server with its real IP address, which a Unix socket does not have. */
export function connectedServer(client: PostgresClient): HostAndPort {
  const {host, port} = client
  const {remoteAddress: address} = socketOf(client)
  return {host, port, ...(address === undefined ? {} : {address})}
}

/**
 * Ends the session from outside, because a statement would go on if only the socket were closed. A cancel request also
 * works through a pooler, whose process ids are not the server's.
 */
async function endSession(connected: Connected): Promise<void> {
  const pid = backendPid(connected.client)
  const signal = AbortSignal.timeout(endWithinMs)
  try {
    await cancel(connected, signal)
    const options = {signal, onAbort: 'drop'} as const
    await withClient(connected.attempt.url, options, (second) => second.query('select pg_terminate_backend($1)', [pid]))
  } catch {
    // The server is gone or full. Then it notices the closed socket itself.
  }
  dropConnection(connected.client)
}

/**
 * Asks the server to cancel the client's statement
 * (https://www.postgresql.org/docs/current/protocol-flow.html, "Canceling Requests in Progress").
 */
export async function cancel(
  {client, attempt: {host, tls}}: Connected,
  signal = AbortSignal.timeout(endWithinMs),
): Promise<void> {
  const {processID, secretKey} = cancelKeyOf(client)
  // The host name may have the addresses of several servers.
  const {remoteAddress: address} = socketOf(client)
  const {stream} = await openChannel({...host, address}, tls, {signal})
  const request = Buffer.alloc(16)
  for (const [index, number] of [16, 80_877_102, processID ?? 0, secretKey ?? 0].entries())
    request.writeInt32BE(number, index * 4)
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => stream.destroy())
    // The server closes the connection when it has handled the request. If we closed first, a pooler would drop it.
    stream
      .once('close', () => resolve())
      .on('error', () => undefined)
      .resume()
      .write(request)
  })
}

/** Connects like {@link withClient}, but the caller must close the client. */
export async function connect(url: ConnectionUrl, options: ConnectOptions): Promise<Connected> {
  const connected = await firstToConnect(url, async (attempt) => ({
    client: await openClient(() => new Client(clientConfig(attempt)), attempt, options),
    attempt,
  }))
  watchLiveness(connected, options)
  return connected
}
