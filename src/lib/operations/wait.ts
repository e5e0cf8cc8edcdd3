import {setTimeout as sleep} from 'node:timers/promises'
import {ConnectionError, CruddurError} from '../errors.js'
import {withClient} from '../postgres/client.js'
import {mayPassInTime} from '../postgres/failures.js'
import type {OperationContext} from './context.js'

/** What {@link waitForTarget} takes. */
export interface WaitOptions {
  /** How long to wait, in seconds; 0 tries once. */
  timeout: number
}

/** How long it took until a query was answered. */
export interface WaitResult {
  database: string
  /** How often it was tried, the successful time among them. */
  attempts: number
  milliseconds: number
}

/** Between two tries, in milliseconds: soon at first, since most servers start within a second. */
const firstPause = 100
const longestPause = 1000
/** The longest that a timer of Node's waits, in milliseconds; a longer one fires at once. */
const longestTimer = 2 ** 31 - 1

/**
 * Waits until the target's database answers a query. What may pass is tried again: a host that is not known yet, a
 * refused or dead connection, no answer, a server that starts up or is full. What will not pass ends it at once: a
 * wrong password, a missing database, a certificate that does not verify.
 * @throws ConnectionError (`wait_timeout`, and what will not pass), StateError
 */
export async function waitForTarget({timeout}: WaitOptions, {target, progress, signal}: OperationContext): Promise<WaitResult> {
  const start = performance.now()
  const left = (): number => timeout * 1000 - (performance.now() - start)
  let last: CruddurError | undefined
  for (let attempts = 1, pause = firstPause; ; attempts += 1, pause = Math.min(pause * 1.5, longestPause)) {
    const overdue = AbortSignal.timeout(Math.min(Math.max(1, Math.ceil(timeout === 0 ? 10_000 : left())), longestTimer))
    try {
      await withClient(target.url, {signal: AbortSignal.any([signal, overdue])}, (client) => client.query('select 1'))
      return {database: target.url.database, attempts, milliseconds: Math.round(performance.now() - start)}
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof CruddurError) || !(overdue.aborted || mayPassInTime(error))) throw error
      if (!overdue.aborted) {
        if (error.message !== last?.message) progress(`Not yet: ${error.message}`)
        last = error
      }
      if (left() <= pause) throw notInTime(target.name, timeout, attempts, last)
    }

    await sleep(pause, undefined, {signal})
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
