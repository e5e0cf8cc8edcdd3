import {CruddurError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {Connected} from './attempt.js'
import {connect, type ConnectOptions} from './client.js'
import {mayPassInTime, sqlState} from './failures.js'
import {retry} from './retry.js'

export interface StartingOptions extends ConnectOptions {
  /** Called once if the server is starting. */
  onStarting: (failure: CruddurError) => void
}

/** How long to wait for a starting server. */
export const startingSeconds = 10

/**
 * Connects, and waits a few seconds if the server is starting: it reports that, or it closes the connection at once, like
 * Docker's proxy. It does not wait if the connection is refused, because then there may be no server.
 * @throws the same as {@link connect}
 */
export async function connectOnceStarted(
  url: ConnectionUrl,
  {onStarting, preconnection, signal, ...options}: StartingOptions,
): Promise<Connected> {
  try {
    return (await preconnection?.finish()) ?? (await connect(url, {...options, signal}))
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof CruddurError) || !isStarting(error)) throw error
    onStarting(error)
    const {value} = await retry((attempt) => connect(url, {...options, signal: attempt}), {
      milliseconds: startingSeconds * 1000,
      signal,
      passes: mayPassInTime,
      giveUp: (_attempts, last) => last ?? error,
    })
    return value
  }
}

/** Whether the server may be starting: it reports that, refuses the connection, or closes it at once. */
export function mayBeStarting(failure: CruddurError): boolean {
  return isStarting(failure) || failure.code === 'ECONNREFUSED'
}

function isStarting({code}: CruddurError): boolean {
  return code === sqlState.cannotConnectNow || code === 'connection_closed'
}
