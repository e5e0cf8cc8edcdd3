import type {OperationContext} from '../access/context.js'
import {ConnectionError, type CruddurError, errorCode} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {mayPassInTime, sqlState} from '../postgres/connect/failures.js'
import {retry} from '../postgres/connect/retry.js'
import type {ConnectionUrl} from '../targets/connection-url.js'

/** What {@link waitForTarget} takes. */
export interface WaitOptions {
  /** How long to wait, in seconds; 0 tries once. */
  timeout: number
  /** Waits for the target's own database, which another command may be creating, not only for its server. */
  forDatabase: boolean
}

/** How long it took until the server answered. */
export interface WaitResult {
  database: string
  /** Whether the database exists: false where the server answered that it does not. */
  exists: boolean
  /** How often it was tried, the successful time among them. */
  attempts: number
  milliseconds: number
}

/**
 * Waits until the target's server answers; that the database does not exist is an answer, unless it is waited for. What
 * may pass is tried again: a host that is not known yet, a refused or dead connection, no answer, a server that starts up
 * or is full. What will not pass ends it at once: a wrong password, a certificate that does not verify.
 * @throws ConnectionError (`wait_timeout`, and what will not pass), StateError
 */
export async function waitForTarget(
  {timeout, forDatabase}: WaitOptions,
  {target, progress, signal}: OperationContext,
): Promise<WaitResult> {
  const start = performance.now()
  let told: string | undefined
  const {value: exists, attempts} = await retry((attempt) => ask(target.url, attempt, forDatabase), {
    milliseconds: timeout * 1000,
    signal,
    passes: (failure) => mayPassInTime(failure) || (forDatabase && failure.code === sqlState.missingDatabase),
    onFailure: ({message}) => {
      if (message !== told) progress(`Not yet: ${message}`)
      told = message
    },
    giveUp: (tries, last) => notInTime(target.name, timeout, tries, last),
  })
  return {database: target.url.database, exists, attempts, milliseconds: Math.round(performance.now() - start)}
}

/** Whether the database exists, of which its server is asked once. */
async function ask(url: ConnectionUrl, signal: AbortSignal, forDatabase: boolean): Promise<boolean> {
  try {
    await withClient(url, {signal}, (client) => client.query('select 1'))
    return true
  } catch (error) {
    if (forDatabase || errorCode(error) !== sqlState.missingDatabase) throw error
    return false
  }
}

function notInTime(name: string, timeout: number, attempts: number, last: CruddurError | undefined): ConnectionError {
  const reason = last === undefined ? '.' : `: ${last.message}`
  return new ConnectionError(`${name} did not answer a query within ${timeout} s${reason}`, {
    code: 'wait_timeout',
    next: [...(last?.next ?? []), `See how far it comes: cruddur-db doctor ${name}`],
    details: {...last?.details, attempts, last: last?.code},
    cause: last,
  })
}
