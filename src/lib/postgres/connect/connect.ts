import {setImmediate as immediate} from 'node:timers/promises'
import {type Client, type ClientConfig, DatabaseError} from 'pg'
import {
  ConfigurationError,
  ConnectionError,
  type CruddurError,
  errorCode,
  InterruptedError,
  StateError,
} from '../../errors.js'
import {passwordMissing} from '../../targets/authentication.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Attempt, AttemptOptions} from './attempt.js'
import {bindChannel, channelBinding} from './channel-binding.js'
import {type Channel, NotPostgresError, openChannel, type Phase} from './channel.js'
import {noteEncoding} from './client-encoding.js'
import {watch} from './connection.js'
import {connectFailure, connectTimeout, mayPassElsewhere, mayPassOtherwise} from './failures.js'
import {allowedMethods, watchAuthentication} from './require-auth.js'
import {checkSession, sessionRounds} from './session-attributes.js'
import {StreamGuard} from './stream-guard.js'
import {tlsAttempts} from './tls.js'

const oldestSupported = 13
const defaultTimeoutSeconds = 10
/** The system's own default is two hours. Gateways of AWS forget a connection that is idle for 350 s. */
const keepAliveSeconds = 60

/**
 * Tries the hosts of the URL, and the kinds of TLS that its sslmode allows, in libpq's order until `attempt` connects. As in
 * libpq, the next host is tried if one cannot be reached or is of the wrong kind, but not if one refuses the login.
 * @throws ConnectionError, StateError, ConfigurationError: the first failure, with all failures in `details.hosts`
 */
export async function firstToConnect<T>(url: ConnectionUrl, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
  const failures: {host: HostAndPort; failure: CruddurError}[] = []
  for (const wanted of sessionRounds(url)) {
    for (const host of hostsInOrder(url)) {
      try {
        return await firstWayOfTls({url, host, wanted}, attempt)
      } catch (error) {
        const failure = connectFailure(error, {url, host, tls: false, wanted})
        failures.push({host, failure})
        if (!mayPassElsewhere(failure)) throw failure
      }
    }
  }

  throw summary(failures)
}

/**
 * The hosts in the order of the attempts: random with libpq's load_balance_hosts=random.
 * @throws ConfigurationError (`load_balance_hosts_invalid`)
 */
function hostsInOrder({hosts, parameters}: ConnectionUrl): readonly HostAndPort[] {
  const mode = parameters.get('load_balance_hosts') || 'disable'
  if (mode === 'disable') return hosts
  if (mode === 'random') {
    const drawn = hosts.map((host) => ({host, place: Math.random()}))
    return drawn.sort((a, b) => a.place - b.place).map(({host}) => host)
  }

  throw new ConfigurationError('The load_balance_hosts is not a value that libpq knows.', {
    code: 'load_balance_hosts_invalid',
    next: ['Use disable or random, in the URL or in PGLOADBALANCEHOSTS.'],
  })
}

async function firstWayOfTls<T>(step: Omit<Attempt, 'tls'>, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
  let first: CruddurError | undefined
  for (const tls of await tlsAttempts(step.url, step.host.host)) {
    const full = {...step, tls}
    try {
      return await attempt(full)
    } catch (error) {
      const failure = connectFailure(error, full)
      first ??= failure
      if (!mayPassOtherwise(failure)) throw failure
    }
  }

  throw first ?? new TypeError('no kind of TLS to try')
}

function summary(failures: {host: HostAndPort; failure: CruddurError}[]): CruddurError {
  const [first] = failures
  if (first === undefined) throw new TypeError('a connection URL without a host')
  if (failures.length === 1) return first.failure
  const {code, next, details, cause} = first.failure
  const hosts = failures.map(({host: {host, port}, failure}) => ({
    host,
    port,
    code: failure.code,
    message: failure.message,
  }))
  const each = [...new Set(hosts.map(({message}) => message.replace(/\.$/, '')))].join('; ')
  return new ConnectionError(`None of the servers in the URL can be used: ${each}.`, {
    code,
    next: [...next],
    details: {...details, hosts},
    cause,
  })
}

/**
 * Connects a client within `connect_timeout`, and checks the version and kind of the server. A failed client is closed.
 * `make` creates the client; `start` connects it, for a client class that overrides `connect`.
 */
export async function openClient<T extends Client>(
  make: () => T,
  {url, host, tls, wanted}: Attempt,
  options: AttemptOptions = {},
  start: (client: T) => Promise<unknown> = (client) => client.connect(),
): Promise<T> {
  const limit = bounded(host, options.seconds ?? timeoutSeconds(url), options)
  const {signal, onPhase} = limit
  let client: T | undefined
  let opening: Promise<Channel> | undefined
  try {
    const binding = channelBinding(url)
    allowedMethods(url)
    opening = Promise.race([openChannel(host, tls, {...options, signal, onPhase}), limit.promise])
    opening.catch(() => undefined)
    // Lets the socket send first, because pg is loaded on its first use and that takes time.
    await immediate()
    client = make()
    watch(client)
    const channel = await opening
    options.onChannel?.(channel)
    onPhase('startup')
    const said = handOver(client, channel)
    const checks = [watchAuthentication(client, channel, url, host), bindChannel(client, channel, binding, host)]
    if (options.held !== undefined || options.onProof !== undefined) watchProof(client, options)
    const guard = new StreamGuard(channel.stream, host)
    await Promise.race([start(client), limit.promise])
    guard.loggedIn()
    for (const check of checks) check()
    reported.set(client, said)
    noteEncoding(client, url)
    checkVersion(said.get('server_version'))
    await Promise.race([checkSession(client, wanted, said, host), limit.promise])
    return client
  } catch (error) {
    if (client === undefined) {
      opening?.then(closeChannel, () => undefined)
      throw error
    }

    const {stream} = client.connection
    // pg has no error code for a server that closes the connection.
    const hungUp = stream.destroyed && !(error instanceof DatabaseError) && errorCode(error) === undefined
    stream.destroy()
    throw hungUp ? new NotPostgresError(true) : error
  } finally {
    limit.stop()
  }
}

function closeChannel({stream}: Channel): void {
  stream.destroy()
}

/** Gives the open stream to the client, so that pg opens none. Returns a map that collects the server's parameters. */
function handOver(client: Client, {stream}: Channel): Map<string, string> {
  const {connection} = client
  Object.assign(connection, {stream})
  stream.connect = () => {
    process.nextTick(() => stream.emit('connect'))
    return stream
  }

  const said = new Map<string, string>()
  connection.on(
    'parameterStatus',
    ({parameterName, parameterValue}: {parameterName: string; parameterValue: string}) => {
      said.set(parameterName, parameterValue)
    },
  )
  return said
}

/** Messages of pg's connection that end a login; its types do not have them. */
type LoginMessages = Record<'password' | 'sendSCRAMClientFinalMessage', (text: string) => void>

function watchProof({connection}: Client, {held, onProof}: AttemptOptions): void {
  const messages = connection as unknown as LoginMessages
  for (const name of ['password', 'sendSCRAMClientFinalMessage'] as const) {
    const send = messages[name].bind(connection)
    messages[name] = (text) => {
      const tell = (): void => {
        send(text)
        onProof?.()
      }
      if (held === undefined) tell()
      else void held.then(tell)
    }
  }
}

interface Limit {
  signal: AbortSignal
  promise: Promise<never>
  onPhase: (phase: Phase) => void
  stop: () => void
}

/** Aborts, and rejects with the reason, after the timeout or when the caller's signal aborts. */
function bounded(host: HostAndPort, seconds: number, {signal, onPhase = () => undefined}: AttemptOptions): Limit {
  const controller = new AbortController()
  let current: Phase = 'dns'
  const abort = (): void => controller.abort(new InterruptedError(signal?.reason))
  const timer =
    seconds > 0 ? setTimeout(() => controller.abort(connectTimeout(host, seconds, current)), seconds * 1000) : undefined
  const promise = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error), {once: true})
  })
  promise.catch(() => undefined)
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, {once: true})
  return {
    signal: controller.signal,
    promise,
    onPhase(phase) {
      current = phase
      onPhase(phase)
    },
    stop() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** The configuration for pg. Everything is given, so that pg does not read the environment itself. */
export function clientConfig({url, host}: Attempt): ClientConfig {
  return {
    host: host.host,
    port: host.port,
    // The stream is already encrypted.
    ssl: false,
    user: url.user,
    password: async () => (await url.passwordFor(host)) ?? Promise.reject(passwordMissing(url.user)),
    database: url.database,
    application_name: url.parameters.get('application_name') ?? 'cruddur-db',
    options: url.parameters.get('options'),
    keepAlive: url.parameters.get('keepalives') !== '0',
    keepAliveInitialDelayMillis: Number(url.parameters.get('keepalives_idle') ?? keepAliveSeconds) * 1000,
  }
}

/**
 * The URL's `connect_timeout` in seconds; 10 by default. 0 means no timeout, as in libpq.
 * @throws ConfigurationError (`connect_timeout_invalid`)
 */
export function timeoutSeconds(url: ConnectionUrl): number {
  const text = url.parameters.get('connect_timeout')
  if (text === undefined) return defaultTimeoutSeconds
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new ConfigurationError('The connect_timeout is not a number of seconds.', {
    code: 'connect_timeout_invalid',
    next: ['Set whole seconds in the URL or in PGCONNECT_TIMEOUT. 0 means no timeout.'],
  })
}

/** A setting as the server reports it to clients; undefined if it does not, or if the client is not ours. */
export function reportedSetting(client: Client, name: string): string | undefined {
  return reported.get(client)?.get(name)
}

/** All settings that the server has reported to a client of ours, by name. */
export function reportedSettings(client: Client): ReadonlyMap<string, string> {
  return reported.get(client) ?? new Map()
}

/** The major version of the connected server; NaN if a pooler does not report it. */
export function majorVersion(client: Client): number {
  return Number.parseInt(reportedSetting(client, 'server_version') ?? '', 10)
}

const reported = new WeakMap<Client, ReadonlyMap<string, string>>()

function checkVersion(version: string | undefined): void {
  const major = Number.parseInt(version ?? '', 10)
  if (Number.isNaN(major) || major >= oldestSupported) return
  throw new StateError(`The server is Postgres ${version}. cruddur-db needs Postgres ${oldestSupported} or later.`, {
    code: 'server_unsupported',
    next: ['Upgrade the server, or use the URL of another one.'],
    details: {version, oldestSupported},
  })
}
