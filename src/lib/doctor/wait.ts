import type {OperationContext} from '../access/context.js'
import {ConnectionError, type CruddurError, errorCode} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {mayPassInTime, sqlState} from '../postgres/connect/failures.js'
import {retry} from '../postgres/connect/retry.js'
import type {ConnectionUrl} from '../targets/connection-url.js'

export interface WaitOptions {
  /** The time limit in seconds; 0 tries once. */
  timeout: number
  /** Also waits until the database exists, because another command may be creating it. */
  forDatabase: boolean
}

export interface WaitResult {
  database: string
  /** False if the server answered that the database does not exist. */
  exists: boolean
  /** The number of attempts, including the successful one. */
  attempts: number
  milliseconds: number
}

/**
 * Waits until the target's server answers. It tries again after failures that may be temporary: an unknown host, a refused
 * or lost connection, no answer, a server that is starting or full. It fails at once after others, for example a wrong
 * password. That the database does not exist counts as an answer, unless `forDatabase` is set.
 * @throws ConnectionError (`wait_timeout` or a failure that is not temporary), StateError
 */
export async function waitForTarget(
  {timeout, forDatabase}: WaitOptions,
  {target, progress, signal}: OperationContext,
): Promise<WaitResult> {
  const start = performance.now()
  let told: string | undefined
  const {value: exists, attempts} = await retry((attempt) => askOnce(target.url, attempt, forDatabase), {
    milliseconds: timeout * 1000,
    signal,
    passes: (failure) => mayPassInTime(failure) || (forDatabase && failure.code === sqlState.missingDatabase),
    onFailure: ({message}) => {
      if (message !== told) progress(`Waiting: ${message}`)
      told = message
    },
    giveUp: (tries, last) => notInTime(target.name, timeout, tries, last),
  })
  return {database: target.url.database, exists, attempts, milliseconds: Math.round(performance.now() - start)}
}

/** Asks the server once. Returns whether the database exists. */
async function askOnce(url: ConnectionUrl, signal: AbortSignal, forDatabase: boolean): Promise<boolean> {
  try {
    await withClient(url, {signal, onAbort: 'drop'}, (client) => client.query('select 1'))
    return true
  } catch (error) {
    if (forDatabase || errorCode(error) !== sqlState.missingDatabase) throw error
    return false
  }
}

function notInTime(name: string, timeout: number, attempts: number, last: CruddurError | undefined): ConnectionError {
  const reason = last === undefined ? '.' : `: ${last.message}`
  return new ConnectionError(`${name} did not answer within ${timeout} s${reason}`, {
    code: 'wait_timeout',
    details: {...last?.details, attempts, last: last?.code},
    cause: last,
  })
}
