import {lookup as lookUp} from 'node:dns/promises'
import {connect, isIP, type Socket} from 'node:net'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {ConfigurationError, errorCode} from '../../errors.js'
import type {HostAndPort} from '../../targets/url-parts.js'

/** One address of a host. */
export interface Address {
  address: string
  family: number
}

/** Looks up the addresses of a host, in the order of the system. */
export type Lookup = (host: string) => Promise<Address[]>

/** No address of a host could be reached. `code` is Node's code of the most telling failure. */
export class UnreachableError extends Error {
  readonly code: string

  constructor(
    readonly addresses: readonly Address[],
    failures: readonly unknown[],
  ) {
    const codes = failures.map((failure) => errorCode(failure) ?? 'unknown')
    const code = codes.find((other) => !noRoute.includes(other)) ?? codes[0] ?? 'ENOTFOUND'
    super(`none of ${addresses.length} addresses: ${codes.join(', ')}`, {cause: failures[0]})
    this.code = code
  }
}

/** This machine has no route to the address. An address of the other IP version may still be reachable. */
export const noRoute: readonly string[] = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']

/** How long to wait for one address before the next is tried in parallel (RFC 8305, section 8), in milliseconds. */
const headStart = 250

const systemLookup: Lookup = (host) => lookUp(host, {all: true})

export interface SocketOptions {
  signal: AbortSignal
  /** Called when the addresses are known, before the first connection attempt. */
  onResolved?: (addresses: readonly Address[]) => void
  lookup?: Lookup
}

/**
 * Connects to a server over TCP or its Unix socket. Several addresses are tried in parallel, IPv6 and IPv4 in turn, each a
 * moment after the one before; the first that answers is used (RFC 8305). Only `signal` limits the time.
 * @throws UnreachableError, ConfigurationError (`socket_path_too_long`), a DNS error, or the signal's reason
 */
export async function openSocket({host, port, address}: HostAndPort, options: SocketOptions): Promise<Socket> {
  const {signal, onResolved = () => undefined, lookup = systemLookup} = options
  if (host.startsWith('/')) {
    onResolved([])
    return tryAddress(connect(socketPath(host, port)), signal)
  }

  const known = address ?? (isIP(host) === 0 ? undefined : host)
  const found = known === undefined ? await aborting(lookup(host), signal) : [{address: known, family: isIP(known)}]
  const addresses = alternate(found)
  onResolved(addresses)
  return race(addresses, port, signal)
}

/** Systems keep the path in a field of fixed size. A longer one would be cut, or be an error without a reason. */
function socketPath(folder: string, port: number): string {
  const path = join(folder, `.s.PGSQL.${port}`)
  const most = process.platform === 'darwin' ? 103 : 107
  if (Buffer.byteLength(path) <= most) return path
  throw new ConfigurationError(`The path of the Unix socket is longer than ${most} bytes: ${path}`, {
    code: 'socket_path_too_long',
    next: ['Use a shorter path in the URL, for example a symbolic link to the folder, or a TCP address.'],
  })
}

async function race(addresses: Address[], port: number, signal: AbortSignal): Promise<Socket> {
  const decided = new AbortController()
  const either = AbortSignal.any([signal, decided.signal])
  const failures: unknown[] = []
  const running: Promise<Socket>[] = []
  try {
    for (const {address} of addresses) {
      const attempt = tryAddress(connect({host: address, port, autoSelectFamily: false}), either)
      attempt.catch((error: unknown) => failures.push(error))
      running.push(attempt)
      const winner = await Promise.race([
        ...running.map(ignoreFailure),
        failed(attempt),
        sleep(headStart, undefined, {signal: either}),
      ])
      if (winner !== undefined) return winner
    }

    return await Promise.any(running)
  } catch {
    signal.throwIfAborted()
    throw new UnreachableError(addresses, failures)
  } finally {
    decided.abort()
  }
}

/** Resolves with the socket, but never rejects, because other addresses may still succeed. */
function ignoreFailure(attempt: Promise<Socket>): Promise<Socket> {
  return new Promise((resolve) => void attempt.then(resolve, () => undefined))
}

/** Resolves when the attempt has failed, so that the next one can start at once. */
function failed(attempt: Promise<Socket>): Promise<undefined> {
  return new Promise((resolve) => void attempt.catch(() => resolve(undefined)))
}

async function tryAddress(socket: Socket, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const give = (settle: () => void): void => {
      signal.removeEventListener('abort', abort)
      socket.removeAllListeners('connect').removeAllListeners('error')
      settle()
    }
    const fail = (error: Error): void => {
      give(() => reject(error))
      // Ignores later errors of the socket.
      socket.on('error', () => undefined).destroy()
    }
    const abort = (): void => fail(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, {once: true})
    socket.once('error', fail).once('connect', () => give(() => resolve(socket)))
  })
}

/** Orders IPv6 and IPv4 in turn, beginning with the kind that the system put first. */
function alternate(addresses: readonly Address[]): Address[] {
  const first = addresses.filter(({family}) => family === addresses[0]?.family)
  const others = addresses.filter(({family}) => family !== addresses[0]?.family)
  return first
    .flatMap((address, index) => [address, ...others.slice(index, index + 1)])
    .concat(others.slice(first.length))
}

async function aborting<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, {once: true})
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
