import {setTimeout as sleep} from 'node:timers/promises'
import {CruddurError} from '../../errors.js'

export interface RetryOptions {
  /** How long to retry, in milliseconds; 0 tries once. */
  milliseconds: number
  signal?: AbortSignal
  /** Whether the same attempt may succeed a little later. */
  passes: (failure: CruddurError) => boolean
  /** Called with each failure after which it tries again. */
  onFailure?: (failure: CruddurError) => void
  /** Returns the error to throw after the timeout. `last` is undefined if no attempt has finished. */
  giveUp: (attempts: number, last: CruddurError | undefined) => Error
}

/** The pauses between attempts, in milliseconds. The first is short, because most servers start within a second. */
const firstPause = 100
const maxPause = 1000
/** The timeout of a single attempt, in milliseconds. */
const onlyTry = 10_000
/** The longest timer of Node, in milliseconds. A longer one would fire at once. */
const maxTimer = 2 ** 31 - 1

/**
 * Tries again after growing pauses, until an attempt succeeds, fails for good, or the time is over, which also aborts the
 * running attempt. `attempts` includes the successful one.
 * @throws the final failure, the error of `giveUp`, or the signal's reason
 */
export async function retry<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  {milliseconds, signal, passes, onFailure, giveUp}: RetryOptions,
): Promise<{value: T; attempts: number}> {
  const start = performance.now()
  const left = (): number => milliseconds - (performance.now() - start)
  let last: CruddurError | undefined
  for (let attempts = 1, pause = firstPause; ; attempts += 1, pause = Math.min(pause * 1.5, maxPause)) {
    const overdue = AbortSignal.timeout(
      Math.min(Math.max(1, Math.ceil(milliseconds === 0 ? onlyTry : left())), maxTimer),
    )
    try {
      return {value: await attempt(signal === undefined ? overdue : AbortSignal.any([signal, overdue])), attempts}
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof CruddurError) || !(overdue.aborted || passes(error))) throw error
      if (!overdue.aborted) {
        last = error
        onFailure?.(error)
      }
      if (left() <= pause) throw giveUp(attempts, last)
    }

    await sleep(pause, undefined, {signal}).catch(() => signal?.throwIfAborted())
  }
}
