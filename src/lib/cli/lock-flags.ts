import {Flags} from '@oclif/core'
import {defaultLockWaits, type LockWaits} from '../sql-files/lock-retry.js'
import {parseDuration} from '../text/duration.js'

/** How long statements that change tables wait for locks. */
export const lockFlags = {
  'lock-timeout': Flags.string({
    description:
      'Roll back if a lock is not free after this time, and try again later, so that others do not wait behind it. Default: 2s.',
    helpValue: 'time',
  }),
  wait: Flags.string({description: 'Try again for so long. Default: 5m.', helpValue: 'time'}),
}

/** The values of {@link lockFlags}. @throws UsageError (`duration_invalid`) */
export function lockWaits(flags: {'lock-timeout'?: string; wait?: string}): LockWaits {
  const {'lock-timeout': limit, wait} = flags
  return {
    lockTimeoutMs: limit === undefined ? defaultLockWaits.lockTimeoutMs : milliseconds(limit, '--lock-timeout', 1),
    waitMs: wait === undefined ? defaultLockWaits.waitMs : milliseconds(wait, '--wait', 0),
  }
}

/** Postgres takes a number of milliseconds that fits into 32 bits, and 0 would mean to wait for ever. */
function milliseconds(text: string, flag: string, min: number): number {
  return Math.min(Math.max(Math.round(parseDuration(text, flag) * 1000), min), 0x7fffffff)
}
