import {Flags} from '@oclif/core'
import {UsageError} from '../errors.js'
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
    lockTimeoutMs:
      limit === undefined ? defaultLockWaits.lockTimeoutMs : requirePositive(milliseconds(limit, '--lock-timeout')),
    waitMs: wait === undefined ? defaultLockWaits.waitMs : milliseconds(wait, '--wait'),
  }
}

/** Postgres takes a number of milliseconds that fits into 32 bits. */
function milliseconds(text: string, flag: string): number {
  return Math.min(Math.round(parseDuration(text, flag) * 1000), 0x7fffffff)
}

/** 0 would mean to wait for ever, with everybody else behind. */
function requirePositive(limitMs: number): number {
  if (limitMs > 0) return limitMs
  throw new UsageError('--lock-timeout must be longer than 0.', {
    code: 'duration_invalid',
    next: ['Write a number and a unit, for example 500ms or 2s.'],
  })
}
