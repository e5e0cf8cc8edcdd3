import {Client, type ClientConfig, DatabaseError} from 'pg'
import {type CruddurError, InterruptedError, StateError} from '../errors.js'
import type {ConnectionUrl, HostAndPort} from '../target/connection-url.js'
import {watch} from './connection.js'
import {connectFailure, connectTimeout, lostConnection, statementFailure} from './failures.js'
import {tlsAttempts, type TlsAttempt} from './tls.js'

/** A connected client of pg; it lives only inside {@link withClient}. */
export type PostgresClient = Client

/** How a connection is made. */
export interface ConnectOptions {
  /** Ends the session on the server and rejects with InterruptedError. */
  signal?: AbortSignal
  /** Whether the signal only stops the connecting, and the session goes on. */
  outlivesAbort?: boolean
}

const oldestSupported = 13
const defaultTimeoutSeconds = 10

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
  const {signal, outlivesAbort = false} = options
  if (signal?.aborted) throw new InterruptedError(signal.reason)
  const client = await connect(url, signal)
  const {promise: interrupted, stop} = whenAborted(client, url, outlivesAbort ? undefined : signal)
  try {
    return await Promise.race([use(client), interrupted])
  } catch (error) {
    if (!(error instanceof DatabaseError) && client.connection.stream.destroyed) throw lostConnection(error, url)
    throw statementFailure(error, url)
  } finally {
    stop()
    await close(client)
  }
}

/** Rejects once `signal` aborts and the session is gone from the server; never settles otherwise. */
function whenAborted(client: Client, url: ConnectionUrl, signal?: AbortSignal): {promise: Promise<never>; stop: () => void} {
  let stop = (): void => undefined
  const promise = new Promise<never>((_resolve, reject) => {
    const abort = (): void => {
      void endSession(client, url).then(() => reject(new InterruptedError(signal?.reason)))
    }

    signal?.addEventListener('abort', abort, {once: true})
    stop = () => signal?.removeEventListener('abort', abort)
  })
  return {promise, stop}
}

/** The process id of the client's session on the server; pg has it, its types do not. */
export function backendPid(client: PostgresClient): number | null {
  return (client as Client & {processID: number | null}).processID
}

/** Ends the client's session from a second connection: closing the socket alone would let its statement run on. */
async function endSession(client: Client, url: ConnectionUrl): Promise<void> {
  const pid = backendPid(client)
  try {
    const second = await connect(url)
    try {
      await second.query('select pg_terminate_backend($1)', [pid])
    } finally {
      await close(second)
    }
  } catch {
    // The server is gone or full: it notices the closed socket by itself.
  }
}

async function close(client: Client): Promise<void> {
  try {
    await client.end()
  } catch {
    // A connection that the server has closed already.
  }
}

async function connect(url: ConnectionUrl, signal?: AbortSignal): Promise<Client> {
  return firstToConnect(url, (host, tls) =>
    openClient(new Client(clientConfig(url, host, tls)), {host, seconds: timeoutSeconds(url), signal}),
  )
}

/**
 * Tries the URL's hosts, and the ways of TLS that its sslmode allows, in libpq's order until `attempt` connects.
 * @throws ConnectionError, StateError: the first attempt's failure, which is the likeliest to be the user's concern
 */
export async function firstToConnect<T>(
  url: ConnectionUrl,
  attempt: (host: HostAndPort, tls: TlsAttempt) => Promise<T>,
): Promise<T> {
  let first: CruddurError | undefined
  for (const host of url.hosts) {
    for (const tls of tlsAttempts(url, host.host)) {
      try {
        return await attempt(host, tls)
      } catch (error) {
        const failure = connectFailure(error, url, host)
        first ??= failure
        if (failure instanceof StateError || failure instanceof InterruptedError) throw failure
        // Nobody is there, so the other mode of TLS need not be tried.
        if (failure.code.startsWith('E') || failure.code === 'connect_timeout') break
      }
    }
  }

  throw first ?? new TypeError('a connection URL without a host')
}

/**
 * Connects a client within `seconds` (0: no bound) and checks the server's version; a client that fails is closed.
 * `start` begins the connecting, for a client that overrides it.
 */
export async function openClient<T extends Client>(
  client: T,
  {host, seconds, signal}: {host: HostAndPort; seconds: number; signal?: AbortSignal},
  start: () => Promise<Client> = () => client.connect(),
): Promise<T> {
  watch(client)
  const {promise, stop} = failEarly(host, seconds, signal)
  try {
    const version = serverVersion(client)
    await Promise.race([start(), promise])
    checkVersion(version())
    return client
  } catch (error) {
    client.connection.stream.destroy()
    throw error
  } finally {
    stop()
  }
}

function failEarly(host: HostAndPort, seconds: number, signal?: AbortSignal): {promise: Promise<never>; stop: () => void} {
  let stop = (): void => undefined
  const promise = new Promise<never>((_resolve, reject) => {
    const abort = (): void => reject(new InterruptedError(signal?.reason))
    const timer = seconds > 0 ? setTimeout(() => reject(connectTimeout(host, seconds)), seconds * 1000) : undefined
    signal?.addEventListener('abort', abort, {once: true})
    stop = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  })
  return {promise, stop}
}

/** What pg is told of one attempt: nothing is left to its own reading of the URL or the environment. */
export function clientConfig(url: ConnectionUrl, {host, port}: HostAndPort, ssl: TlsAttempt): ClientConfig {
  return {
    host,
    port,
    ssl,
    user: url.user,
    password: url.password,
    database: url.database,
    application_name: url.parameters.get('application_name') ?? 'cruddur-db',
    options: url.parameters.get('options'),
    keepAlive: true,
  }
}

/** `connect_timeout` of the URL, else `PGCONNECT_TIMEOUT`, else 10 s; 0 waits for ever, as in libpq. */
export function timeoutSeconds(url: ConnectionUrl): number {
  const text = url.parameters.get('connect_timeout') ?? process.env['PGCONNECT_TIMEOUT']
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : defaultTimeoutSeconds
}

/** The version that the server reports while it lets us in, without a query of its own. */
function serverVersion(client: Client): () => string | undefined {
  let version: string | undefined
  client.connection.on('parameterStatus', (status: {parameterName: string; parameterValue: string}) => {
    if (status.parameterName === 'server_version') version = status.parameterValue
  })
  return () => version
}

function checkVersion(version: string | undefined): void {
  const major = Number.parseInt(version ?? '', 10)
  if (Number.isNaN(major) || major >= oldestSupported) return
  throw new StateError(`The server is Postgres ${version}; this tool needs ${oldestSupported} or later.`, {
    code: 'server_unsupported',
    next: ['Upgrade the server, or point the URL at another one.'],
    details: {version, oldestSupported},
  })
}
