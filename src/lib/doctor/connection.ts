import type {OperationContext} from '../access/context.js'
import {askPublicAddress, publicIpServices} from '../aws/public-ip.js'
import {ConnectionError, CruddurError, errorCode} from '../errors.js'
import type {Channel, Phase} from '../postgres/connect/channel.js'
import {withClient} from '../postgres/connect/client.js'
import {sqlState} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {Address} from '../postgres/connect/socket.js'
import {tlsMode} from '../postgres/connect/tls.js'
import type {Target} from '../targets/target.js'
import type {Variables} from '../targets/variables.js'

/** A layer that works. */
export interface PassedLayer {
  layer: 'dns' | 'tcp' | 'tls' | 'authentication'
  detail: string
  warning?: boolean
  milliseconds: number
}

/** The layers of a connection: all of them, or those before the one that failed. */
export type ConnectionLayers<T> =
  | {layers: PassedLayer[]; value: T; failed?: undefined; failure?: undefined}
  | {
      layers: PassedLayer[]
      value?: undefined
      failed: PassedLayer['layer'] | 'server' | 'database' | 'connections'
      failure: CruddurError
      milliseconds: number
    }

const day = 86_400_000
const expiresSoonDays = 14
/** AWS refuses tokens if the clocks differ by more than this, in seconds. */
const clockTolerance = 300

const order = ['dns', 'tcp', 'tls', 'startup', 'end'] as const

/** The duration of a phase in milliseconds; 0 if it was skipped. */
function timeOf(phase: Phase, started: ReadonlyMap<Phase | 'end', number>): number {
  const next = order.slice(order.indexOf(phase) + 1).find((other) => started.has(other))
  return (started.get(next ?? 'end') ?? NaN) - (started.get(phase) ?? NaN) || 0
}

/** Collects times and facts of each layer while a connection is opened. */
class LayerWatch {
  #started = new Map<Phase | 'end', number>()
  #addresses: readonly Address[] = []
  #channel: Channel | undefined
  #remote = ''
  /** The current phase. */
  current: Phase = 'dns'

  constructor(private readonly target: Target) {}

  readonly onPhase = (phase: Phase): void => {
    if (phase === 'dns') this.#started.clear()
    this.current = phase
    this.#started.set(phase, performance.now())
  }

  readonly onResolved = (found: readonly Address[]): void => {
    this.#addresses = found
  }

  readonly onChannel = (opened: Channel): void => {
    this.#channel = opened
    // A closed socket no longer has its remote address.
    this.#remote = remoteOf(opened, this.target.url.primary)
  }

  /** Ends the last phase. Returns its duration in milliseconds. */
  end(): number {
    const now = performance.now()
    const milliseconds = now - (this.#started.get('end') ?? this.#started.get(this.current) ?? now)
    if (!this.#started.has('end')) this.#started.set('end', now)
    return milliseconds
  }

  layersTo(end: Phase | 'end'): PassedLayer[] {
    const {url} = this.target
    const addresses = this.#addresses.map(({address}) => address).join(', ')
    const time = (phase: Phase): number => timeOf(phase, this.#started)
    const all: PassedLayer[] = [
      {layer: 'dns', detail: addresses === '' ? 'a Unix socket' : addresses, milliseconds: time('dns')},
      {layer: 'tcp', detail: this.#remote, milliseconds: time('tcp')},
      {...describeTls(this.#channel, tlsMode(url, url.primary.host)), milliseconds: time('tls')},
      {layer: 'authentication', detail: `${url.user}, ${describePassword(this.target)}`, milliseconds: time('startup')},
    ]
    return all.slice(0, order.indexOf(end))
  }
}

/** Connects like every command, and reports each layer with its time. */
export async function connectInLayers<T>(
  {target, signal}: OperationContext,
  use: (client: PostgresClient) => Promise<T>,
): Promise<ConnectionLayers<T>> {
  const watch = new LayerWatch(target)
  const {onPhase, onResolved, onChannel} = watch
  try {
    const value = await withClient(target.url, {signal, onPhase, onResolved, onChannel}, async (client) => {
      watch.end()
      return use(client)
    })
    return {layers: watch.layersTo('end'), value}
  } catch (error) {
    if (!(error instanceof CruddurError) || signal.aborted) throw error
    const milliseconds = watch.end()
    const failed = failedLayer(error, watch.current)
    const reached = {dns: 'dns', tcp: 'tcp', tls: 'tls', authentication: 'startup'} as const
    const end = failed in reached ? reached[failed as keyof typeof reached] : 'end'
    return {layers: watch.layersTo(end), failed, failure: error, milliseconds}
  }
}

/** The layer that failed. Some errors of the server mean that all layers of the connection work. */
function failedLayer(error: CruddurError, phase: Phase): PassedLayer['layer'] | 'server' | 'database' | 'connections' {
  const byCode: Record<string, 'server' | 'database' | 'connections' | 'tls'> = {
    [sqlState.missingDatabase]: 'database',
    [sqlState.tooManyConnections]: 'connections',
    [sqlState.cannotConnectNow]: 'server',
    server_unsupported: 'server',
    session_unsuitable: 'server',
  }
  const found = byCode[error.code] ?? (error.code.startsWith('tls_') ? 'tls' : undefined)
  return found ?? (phase === 'startup' ? 'authentication' : phase)
}

function remoteOf({stream}: Channel, {host, port}: {host: string; port: number}): string {
  const {remoteAddress, remotePort} = stream
  return remoteAddress === undefined ? `${host}, port ${port}` : `${remoteAddress}, port ${remotePort}`
}

function describeTls(channel: Channel | undefined, mode: string): Omit<PassedLayer, 'milliseconds'> {
  const {tls} = channel ?? {}
  if (tls === undefined) return {layer: 'tls', detail: `none, sslmode ${mode}`, warning: mode !== 'disable'}
  const left = Math.floor((Date.parse(tls.validTo) - Date.now()) / day)
  return {
    layer: 'tls',
    detail: `${tls.protocol}, sslmode ${mode}, issued by ${tls.issuer}, valid for ${left} days`,
    warning: left < expiresSoonDays,
  }
}

function describePassword({url, authentication}: OperationContext['target']): string {
  if (authentication === 'iam') return 'with an IAM token'
  return url.password === undefined ? 'no password in the URL' : 'with a password'
}

/** If an IAM token was refused, asks a public service whether this machine's clock is wrong. */
export async function clockHint(
  {failure}: ConnectionLayers<unknown>,
  {target, signal}: OperationContext,
  variables: Variables,
): Promise<string[]> {
  const refused = [sqlState.invalidPassword, sqlState.invalidAuthorization].some(
    (state) => state === errorCode(failure),
  )
  if (target.authentication !== 'iam' || !refused) return []
  try {
    const {clockAhead = 0} = await askPublicAddress({services: publicIpServices(variables), signal})
    if (Math.abs(clockAhead) < clockTolerance) return []
    const minutes = Math.round(Math.abs(clockAhead) / 60)
    return [
      `This machine's clock is ${minutes} min ${clockAhead > 0 ? 'fast' : 'slow'}. To correct it: sudo timedatectl set-ntp true`,
    ]
  } catch (error) {
    if (error instanceof ConnectionError) return []
    throw error
  }
}
