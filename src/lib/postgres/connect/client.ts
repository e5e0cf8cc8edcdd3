import type {Socket} from 'node:net'
import {Client, DatabaseError} from 'pg'
import {InterruptedError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Attempt, AttemptOptions} from './attempt.js'
import {openChannel} from './channel.js'
import {clientConfig, firstToConnect, openClient} from './connect.js'
import {isLost} from './connection.js'
import {lostConnection, statementFailure} from './failures.js'
import type {PostgresClient} from './postgres-client.js'

/** How a connection is made; on abort of `signal` its session is ended on the server, and InterruptedError thrown. */
export interface ConnectOptions extends AttemptOptions {
  /** Whether the signal only stops the connecting, and the session goes on. */
  outlivesAbort?: boolean
  /** A login to go on with, where it came to a session. */
  early?: {finish(): Promise<Connected | undefined>}
  /**
   * Whether the caller goes on before the server has closed the session, since nothing follows here that wants it gone.
   * The process waits for it all the same, so that whoever comes after it finds neither session nor lock.
   */
  isLast?: boolean
}

/** A client with the way in which it was connected, by which it can be cancelled. */
export interface Connected {
  client: Client
  attempt: Attempt
}

/** A cancel request is a message of its own, which needs no time of the server's. */
const cancelWithinMs = 5000

/**
 * Connects, runs `use`, and closes the connection whatever happens. On abort the session is ended on the server too,
 * so that a statement in flight is rolled back rather than finished unseen.
 * @throws ConnectionError, StateError (`3D000`, `server_unsupported`), SqlError, InterruptedError
 */
export async function withClient<T>(
  url: ConnectionUrl,
  options: ConnectOptions,
  use: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  const {signal, outlivesAbort = false, isLast = false} = options
  if (signal?.aborted) throw new InterruptedError(signal.reason)
  const connected = (await options.early?.finish()) ?? (await connect(url, options))
  const {client} = connected
  const {promise: interrupted, stop} = whenAborted(connected, outlivesAbort ? undefined : signal)
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
 * From now on the client sends each of pg's own queries at once, and does not wait for the answers of those before; not
 * for the messages of scripts, which pg would refuse. A failed one does not keep the next from being run.
 */
export function pipeline(client: PostgresClient, on: boolean): void {
  ;(client as Pipelining).pipeline = on
}

/** pg has it, its types do not. */
type Pipelining = Client & {pipeline: boolean}

/**
 * Sends the queries that `send` makes in one round trip, and leaves the client as it was.
 * @throws what the first of those that failed has failed with, once all are answered
 */
export async function together<T extends readonly unknown[]>(
  client: PostgresClient,
  send: () => readonly [...T],
): Promise<{-readonly [K in keyof T]: Awaited<T[K]>}> {
  const {pipeline: before} = client as Pipelining
  pipeline(client, true)
  const answers = send()
  await Promise.allSettled(answers)
  pipeline(client, before)
  return Promise.all(answers)
}

/** Rejects once `signal` aborts and the session is gone from the server; never settles otherwise. */
function whenAborted(connected: Connected, signal?: AbortSignal): {promise: Promise<never>; stop: () => void} {
  let stop = (): void => undefined
  const promise = new Promise<never>((_resolve, reject) => {
    const abort = (): void => {
      void endSession(connected).then(() => reject(new InterruptedError(signal?.reason)))
    }

    signal?.addEventListener('abort', abort, {once: true})
    stop = () => signal?.removeEventListener('abort', abort)
  })
  return {promise, stop}
}

/** Closes the client's socket without a word, where the server has stopped to answer: what is under way fails at once. */
export function dropConnection(client: PostgresClient): void {
  client.connection.stream.destroy()
}

/** The server that the client is connected to, by the address that it really has; a Unix socket has none. */
export function connectedServer({host, port, connection}: PostgresClient): HostAndPort {
  const {remoteAddress: address} = connection.stream as Socket
  return {host, port, ...(address === undefined ? {} : {address})}
}

/** The process id of the client's session on the server; pg has it, its types do not. */
export function backendPid(client: PostgresClient): number | null {
  return keysOf(client).processID
}

/**
 * Ends the client's session from outside: closing the socket alone would let its statement run on. The cancel request
 * reaches the statement through a pooler too, whose process ids are not the server's.
 */
async function endSession(connected: Connected): Promise<void> {
  const pid = backendPid(connected.client)
  try {
    await cancel(connected)
    await withClient(connected.attempt.url, {}, (second) => second.query('select pg_terminate_backend($1)', [pid]))
  } catch {
    // The server is gone or full: it notices the closed socket by itself.
  }
}

/**
 * Asks the server to stop the client's statement
 * (https://www.postgresql.org/docs/current/protocol-flow.html, "Canceling Requests in Progress").
 */
export async function cancel({client, attempt: {host, tls}}: Connected): Promise<void> {
  const {processID, secretKey} = keysOf(client)
  const signal = AbortSignal.timeout(cancelWithinMs)
  // The host's name may stand for several servers.
  const {remoteAddress: address} = client.connection.stream as Socket
  const {stream} = await openChannel({...host, address}, tls, {signal})
  const request = Buffer.alloc(16)
  for (const [index, number] of [16, 80_877_102, processID ?? 0, secretKey ?? 0].entries())
    request.writeInt32BE(number, index * 4)
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => stream.destroy())
    // The server says nothing and closes, once it has passed the request on. Not before: a pooler would drop the request.
    stream
      .once('close', () => resolve())
      .on('error', () => undefined)
      .resume()
      .write(request)
  })
}

function keysOf(client: Client): {processID: number | null; secretKey: number | null} {
  return client as Client & {processID: number | null; secretKey: number | null}
}

/** Ends the client's session in order; never rejects. */
export async function close(client: Client): Promise<void> {
  try {
    await client.end()
  } catch {
    // A connection that the server has closed already.
  }
}

/** Connects as {@link withClient} does, for a caller that closes the client. */
export async function connect(url: ConnectionUrl, options: ConnectOptions): Promise<Connected> {
  return firstToConnect(url, async (attempt) => ({
    client: await openClient(() => new Client(clientConfig(attempt)), attempt, options),
    attempt,
  }))
}
