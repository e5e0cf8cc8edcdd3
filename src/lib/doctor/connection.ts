import {askPublicAddress, publicIpServices} from '../aws/public-ip.js'
import {ConnectionError, CruddurError, errorCode} from '../errors.js'
import type {Channel, Phase} from '../postgres/connect/channel.js'
import {withClient} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {sqlState} from '../postgres/connect/failures.js'
import type {Address} from '../postgres/connect/socket.js'
import {tlsMode} from '../postgres/connect/tls.js'
import type {Variables} from '../targets/variables.js'
import type {OperationContext} from '../access/context.js'

/** A layer that was passed on the way to a connection. */
export interface PassedLayer {
  layer: 'dns' | 'tcp' | 'tls' | 'authentication'
  detail: string
  warning?: boolean
  milliseconds: number
}

/** How far a connection came: everything, or the layers before the one that failed. */
export type ConnectionLayers<T> =
  | {layers: PassedLayer[]; value: T; failed?: undefined; failure?: undefined}
  | {layers: PassedLayer[]; value?: undefined; failed: PassedLayer['layer'] | 'server' | 'database' | 'connections'; failure: CruddurError; milliseconds: number}

const day = 86_400_000
const expiresSoonDays = 14
/** A token is refused beyond this difference of clocks, in seconds. */
const clockTolerance = 300

const order = ['dns', 'tcp', 'tls', 'startup', 'end'] as const

/** From the beginning of a phase to that of the next, in milliseconds; 0 for one that was not gone through. */
function timeOf(phase: Phase, started: ReadonlyMap<Phase | 'end', number>): number {
  const next = order.slice(order.indexOf(phase) + 1).find((other) => started.has(other))
  return (started.get(next ?? 'end') ?? NaN) - (started.get(phase) ?? NaN) || 0
}

/** Connects as every command does, and tells the way there layer by layer, each with its own time. */
export async function connectInLayers<T>({target, signal}: OperationContext, use: (client: PostgresClient) => Promise<T>): Promise<ConnectionLayers<T>> {
  const {url} = target
  const started = new Map<Phase | 'end', number>()
  let addresses: readonly Address[] = []
  let channel: Channel | undefined
  let remote = ''
  let current: Phase = 'dns'
  const layersTo = (end: Phase | 'end'): PassedLayer[] => {
    const time = (phase: Phase): number => timeOf(phase, started)
    const all: PassedLayer[] = [
      {layer: 'dns', detail: addresses.length === 0 ? 'a Unix socket' : addresses.map(({address}) => address).join(', '), milliseconds: time('dns')},
      {layer: 'tcp', detail: remote, milliseconds: time('tcp')},
      {...describeTls(channel, tlsMode(url, url.primary.host)), milliseconds: time('tls')},
      {layer: 'authentication', detail: `${url.user}, ${describePassword(target)}`, milliseconds: time('startup')},
    ]
    return all.slice(0, order.indexOf(end))
  }

  try {
    const options = {
      signal,
      onPhase(phase: Phase) {
        if (phase === 'dns') started.clear()
        current = phase
        started.set(phase, performance.now())
      },
      onResolved: (found: readonly Address[]) => void (addresses = found),
      onChannel(opened: Channel) {
        channel = opened
        // A socket forgets it when it is closed.
        remote = remoteOf(opened, url.primary)
      },
    }
    const value = await withClient(url, options, async (client) => {
      started.set('end', performance.now())
      return use(client)
    })
    return {layers: layersTo('end'), value}
  } catch (error) {
    if (!(error instanceof CruddurError) || signal.aborted) throw error
    const now = performance.now()
    const milliseconds = now - (started.get('end') ?? started.get(current) ?? now)
    started.set('end', started.get('end') ?? now)
    const failed = failedLayer(error, current)
    const reached = {dns: 'dns', tcp: 'tcp', tls: 'tls', authentication: 'startup'} as const
    return {layers: layersTo(failed in reached ? reached[failed as keyof typeof reached] : 'end'), failed, failure: error, milliseconds}
  }
}

/** A server that answers with one of these has let us in, or would. */
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
  return {layer: 'tls', detail: `${tls.protocol}, sslmode ${mode}, issued by ${tls.issuer}, ${left} days left`, warning: left < expiresSoonDays}
}

function describePassword({url, authentication}: OperationContext['target']): string {
  if (authentication === 'iam') return 'by an IAM token'
  return url.password === undefined ? 'without a password in the URL' : 'by password'
}

/** For an IAM token that was refused: whether this machine's clock is to blame, as far as a public service can tell. */
export async function clockHint({failure}: ConnectionLayers<unknown>, {target, signal}: OperationContext, variables: Variables): Promise<string[]> {
  const refused = [sqlState.invalidPassword, sqlState.invalidAuthorization].some((state) => state === errorCode(failure))
  if (target.authentication !== 'iam' || !refused) return []
  try {
    const {clockAhead = 0} = await askPublicAddress({services: publicIpServices(variables), signal})
    if (Math.abs(clockAhead) < clockTolerance) return []
    const minutes = Math.round(Math.abs(clockAhead) / 60)
    return [`This machine's clock is ${minutes} min ${clockAhead > 0 ? 'ahead' : 'behind'}: sudo timedatectl set-ntp true`]
  } catch (error) {
    if (error instanceof ConnectionError) return []
    throw error
  }
}
