import {errorCode} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {type ConnectOptions, withClient} from './client.js'
import {sqlState} from './failures.js'
import type {PostgresClient} from './postgres-client.js'
import {connectOnceStarted, type StartingOptions} from './starting.js'

/** Where a server's databases are made and dropped from. */
export const maintenanceUrl = (url: ConnectionUrl): ConnectionUrl => url.withDatabase('postgres')

/** How {@link withMaintenanceClient} connects; with `onStarting` it waits for a server that is just starting. */
export type MaintenanceOptions = ConnectOptions & Partial<Pick<StartingOptions, 'onStarting'>>

/**
 * Connects to a database of the same server that is not the target's own: `postgres`, else `template1`. A database
 * can be neither created nor dropped from inside itself.
 */
export async function withMaintenanceClient<T>(
  url: ConnectionUrl,
  {onStarting, ...options}: MaintenanceOptions,
  use: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  let connected = false
  const mark = (client: PostgresClient): Promise<T> => {
    connected = true
    return use(client)
  }

  const server = maintenanceUrl(url)
  const early =
    onStarting === undefined ? options.early : {finish: () => connectOnceStarted(server, {...options, onStarting})}
  try {
    return await withClient(server, {...options, early}, mark)
  } catch (error) {
    if (connected || errorCode(error) !== sqlState.missingDatabase) throw error
    return withClient(url.withDatabase('template1'), options, use)
  }
}
