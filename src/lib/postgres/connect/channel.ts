import {isIP, type Socket} from 'node:net'
import {connect as connectTls, type PeerCertificate, type TLSSocket} from 'node:tls'
import type {HostAndPort} from '../../targets/url-parts.js'
import {type Address, openSocket} from './socket.js'
import type {TlsAttempt} from './tls.js'

/** The phases of a connection: DNS lookup, TCP, TLS, and the server's login. */
export type Phase = 'dns' | 'tcp' | 'tls' | 'startup'

export interface TlsFacts {
  /** For example `TLSv1.3`. */
  protocol: string
  /** The issuer of the server's certificate. */
  issuer: string
  /** When the certificate expires, in ISO 8601. */
  validTo: string
}

/** An open stream to a Postgres server, encrypted as wanted. */
export interface Channel {
  stream: Socket
  /** Undefined for plain TCP and Unix sockets. */
  tls?: TlsFacts
}

export interface ChannelOptions {
  signal: AbortSignal
  /** Called when each phase begins. */
  onPhase?: (phase: Phase) => void
  onResolved?: (addresses: readonly Address[]) => void
}

/** The server answered that it has no TLS. */
export class TlsNotOfferedError extends Error {}

/** The other side is not a Postgres server, or closed the connection without an answer. */
export class NotPostgresError extends Error {
  constructor(readonly closed: boolean) {
    super(closed ? 'the connection was closed' : 'the answer is not from a Postgres server')
  }
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, SSLRequest */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Opens a stream to a server and starts TLS. pg gets the finished stream, so that each phase can be timed and named, and
 * every failure keeps its code from Node or OpenSSL.
 * @throws UnreachableError, TlsNotOfferedError, NotPostgresError, or Node's own errors
 */
export async function openChannel(server: HostAndPort, tls: TlsAttempt, options: ChannelOptions): Promise<Channel> {
  const {signal, onPhase = () => undefined, onResolved} = options
  onPhase('dns')
  const socket = await openSocket(server, {
    signal,
    onResolved(addresses) {
      onPhase('tcp')
      onResolved?.(addresses)
    },
  })
  if (tls === false) return {stream: socket}
  try {
    onPhase('tls')
    socket.setNoDelay(true)
    if (await agreesToTls(socket, signal)) return await secure(socket, server, tls, signal)
    if (tls.orPlain) return {stream: socket}
    throw new TlsNotOfferedError()
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** Asks for TLS. An answer of more than one byte may have been injected by an attacker, so it is refused. */
async function agreesToTls(socket: Socket, signal: AbortSignal): Promise<boolean> {
  socket.write(sslRequest)
  const answer = await settled<string | undefined>(socket, signal, (resolve) => {
    socket.once('readable', () => resolve((socket.read(1) as Buffer | null)?.toString('latin1')))
  })
  if (answer === 'N') return false
  if (answer === 'S' && socket.readableLength === 0) return true
  throw new NotPostgresError(answer === undefined)
}

async function secure(
  socket: Socket,
  {host, port}: HostAndPort,
  tls: TlsAttempt & object,
  signal: AbortSignal,
): Promise<Channel> {
  // SNI takes a host name but no IP address (RFC 6066, section 3).
  const name = isIP(host) === 0 && !host.startsWith('/') && !tls.withoutName ? {servername: host} : {}
  const stream = connectTls({...tls.options, socket, host, port, ...name})
  await settled<void>(stream, signal, (resolve) => stream.once('secureConnect', () => resolve()))
  return {stream, tls: factsOf(stream)}
}

function factsOf(stream: TLSSocket): TlsFacts {
  const {issuer, valid_to: validTo}: Partial<PeerCertificate> = stream.getPeerCertificate()
  const name = [issuer?.CN ?? issuer?.O ?? 'unknown'].flat().join(', ')
  return {
    protocol: stream.getProtocol() ?? 'unknown',
    issuer: name,
    validTo: validTo === undefined ? '' : new Date(validTo).toISOString(),
  }
}

/** Waits until `listen` resolves. Rejects if the socket fails or closes, or the signal aborts. */
async function settled<T>(
  socket: Socket,
  signal: AbortSignal,
  listen: (resolve: (value: T) => void) => void,
): Promise<T> {
  let stop = (): void => undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error)
      const close = (): void => reject(new NotPostgresError(true))
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, {once: true})
      socket.once('error', reject).once('close', close)
      stop = () => {
        signal.removeEventListener('abort', abort)
        socket.removeListener('error', reject).removeListener('close', close)
      }
      listen(resolve)
    })
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    throw error
  } finally {
    stop()
  }
}
