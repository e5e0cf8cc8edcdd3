import {setTimeout as sleep} from 'node:timers/promises'
import {CruddurError} from '../../errors.js'

/** How {@link retry} goes about it. */
export interface RetryOptions {
  /** How long to go on, in milliseconds; 0 tries once. */
  milliseconds: number
  signal?: AbortSignal
  /** Whether the same try may succeed a little later. */
  passes: (failure: CruddurError) => boolean
  /** Told of each failure that may pass. */
  onFailure?: (failure: CruddurError) => void
  /** What to throw once the time is over; `last` is undefined where no try ended by itself. */
  giveUp: (attempts: number, last: CruddurError | undefined) => Error
}

/** Between two tries, in milliseconds: soon at first, since most servers start within a second. */
const firstPause = 100
const longestPause = 1000
/** The longest that a single try may take, in milliseconds. */
const onlyTry = 10_000
/** The longest that a timer of Node's waits, in milliseconds; a longer one fires at once. */
const longestTimer = 2 ** 31 - 1

/**
 * Tries again, after growing pauses, until a try succeeds, fails with what will not pass, or the time is over; then the
 * try that is under way is aborted, too. `attempts` counts the successful one.
 * @throws the failure that will not pass, what `giveUp` gives, or the signal's reason
 */
export async function retry<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  {milliseconds, signal, passes, onFailure, giveUp}: RetryOptions,
): Promise<{value: T; attempts: number}> {
  const start = performance.now()
  const left = (): number => milliseconds - (performance.now() - start)
  let last: CruddurError | undefined
  for (let attempts = 1, pause = firstPause; ; attempts += 1, pause = Math.min(pause * 1.5, longestPause)) {
    const overdue = AbortSignal.timeout(
      Math.min(Math.max(1, Math.ceil(milliseconds === 0 ? onlyTry : left())), longestTimer),
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
