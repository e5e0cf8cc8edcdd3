import {errorCode} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {type ConnectOptions, withClient} from './client.js'
import {sqlState} from './failures.js'
import type {PostgresClient} from './postgres-client.js'
import {connectOnceStarted, type StartingOptions} from './starting.js'

/** The URL of the database from which others are created and dropped. */
export const maintenanceUrl = (url: ConnectionUrl): ConnectionUrl => url.withDatabase('postgres')

/** With `onStarting`, {@link withMaintenanceClient} waits for a starting server. */
export type MaintenanceOptions = ConnectOptions & Partial<Pick<StartingOptions, 'onStarting'>>

/** Refusals that are about the database `postgres` and not about the login: it is missing, closed, or not for this role. */
const otherDatabaseMayPass: readonly (string | undefined)[] = [
  sqlState.missingDatabase,
  sqlState.insufficientPrivilege,
  sqlState.invalidAuthorization,
  sqlState.notInPrerequisiteState,
]

/**
 * Connects to another database of the same server, because a database cannot be created or dropped from inside itself. It
 * is `postgres`, or `template1` if the server does not let this role into `postgres`, as in createdb.
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
  const preconnection =
    onStarting === undefined
      ? options.preconnection
      : {finish: () => connectOnceStarted(server, {...options, onStarting})}
  try {
    return await withClient(server, {...options, preconnection}, mark)
  } catch (error) {
    if (connected || !otherDatabaseMayPass.includes(errorCode(error))) throw error
    try {
      return await withClient(url.withDatabase('template1'), options, mark)
    } catch (second) {
      // The first refusal says more than the second, unless there is no `postgres`.
      throw connected || errorCode(error) === sqlState.missingDatabase ? second : error
    }
  }
}
