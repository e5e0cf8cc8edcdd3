import {CruddurError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {connect, type Connected, type ConnectOptions} from './client.js'
import {mayPassInTime, sqlState} from './failures.js'
import {retry} from './retry.js'

/** How {@link connectOnceStarted} connects. */
export interface StartingOptions extends ConnectOptions {
  /** Told once, where the server turns out to be starting. */
  onStarting: (failure: CruddurError) => void
}

/** For so long a server that is starting is waited for. */
export const startingSeconds = 10

/**
 * Connects, and waits a few seconds where the server is just starting: it says so, or it closes the connection at once, as
 * Docker's proxy does on its behalf. A refused connection is no sign of a server, so that fails as ever.
 * @throws as {@link connect} does
 */
export async function connectOnceStarted(
  url: ConnectionUrl,
  {onStarting, early, signal, ...options}: StartingOptions,
): Promise<Connected> {
  try {
    return (await early?.finish()) ?? (await connect(url, {...options, signal}))
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

/** Whether a server may be about to answer that does not yet: it says so, nothing listens, or the connection is closed at once. */
export function mayBeStarting(failure: CruddurError): boolean {
  return isStarting(failure) || failure.code === 'ECONNREFUSED'
}

function isStarting({code}: CruddurError): boolean {
  return code === sqlState.cannotConnectNow || code === 'connection_closed'
}
