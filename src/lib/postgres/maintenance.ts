import type {ConnectionUrl} from '../target/connection-url.js'
import {errorCode} from '../errors.js'
import {type ConnectOptions, type PostgresClient, withClient} from './client.js'
import {sqlState} from './failures.js'

/** Where a server's databases are made and dropped from. */
export const maintenanceUrl = (url: ConnectionUrl): ConnectionUrl => url.withDatabase('postgres')

/**
 * Connects to a database of the same server that is not the target's own: `postgres`, else `template1`. A database
 * can be neither created nor dropped from inside itself.
 */
export async function withMaintenanceClient<T>(
  url: ConnectionUrl,
  options: ConnectOptions,
  use: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  let connected = false
  const mark = (client: PostgresClient): Promise<T> => {
    connected = true
    return use(client)
  }

  try {
    return await withClient(maintenanceUrl(url), options, mark)
  } catch (error) {
    if (connected || errorCode(error) !== sqlState.missingDatabase) throw error
    return withClient(url.withDatabase('template1'), options, use)
  }
}
