import {setTimeout as sleep} from 'node:timers/promises'
import {errorCode, InterruptedError, StateError} from '../errors.js'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import {withClient} from '../postgres/connect/client.js'
import {backendPid, type PostgresClient} from '../postgres/connect/postgres-client.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {formatDuration} from '../text/format.js'

/** How long statements wait for locks. */
export interface LockWaits {
  /** A statement waits so long for one lock, and all others who want the table wait behind it. */
  lockTimeoutMs: number
  /** So long it is tried again. */
  waitMs: number
}

/** 2 seconds, which users of a website may just notice, and 5 minutes. */
export const defaultLockWaits: LockWaits = {lockTimeoutMs: 2000, waitMs: 5 * 60 * 1000}

/** A session that holds a lock for which we wait. */
export interface LockHolder {
  pid: number
  application: string
  state: string
  /** How long its transaction is open. */
  seconds: number
}

interface Blockers {
  relation: string | null
  holders: LockHolder[]
}

export interface LockRetryOptions extends LockWaits {
  /** The session whose statements wait. */
  client: PostgresClient
  /** Where to ask who holds a lock while the session waits. */
  url: ConnectionUrl
  signal: AbortSignal
  progress: (remark: string) => void
}

/** lock_not_available and deadlock_detected: in both cases the transaction is rolled back, and may succeed later. */
const lockFailures: readonly (string | undefined)[] = ['55P03', '40P01']

const pauseMs = {first: 200, max: 5000}
const minIntervalMs = 50

const nobody: Blockers = {relation: null, holders: []}

/** Whether a statement has failed because it did not get a lock. */
export function isLockFailure(error: unknown): boolean {
  return lockFailures.includes(errorCode(error))
}

/**
 * Keeps a change of tables from stopping everybody else: who waits for a lock makes all later readers of the table wait,
 * too. So each statement waits for a short time only; then its transaction is rolled back, the others go on, and it is
 * tried again after a growing pause.
 */
export class LockRetry {
  /** When the first try failed. */
  private since: number | undefined
  private tries = 0
  /** Who was in the way last; a busy machine may not see it in each try. */
  private seen: Blockers | undefined

  constructor(private readonly options: LockRetryOptions) {}

  /** Must be called before each work that is tried by itself. */
  begin(): void {
    this.since = undefined
    this.tries = 0
    this.seen = undefined
  }

  /** The statements with which a transaction begins. */
  get opening(): string[] {
    return [`set local lock_timeout = '${this.options.lockTimeoutMs}ms'`]
  }

  get lockTimeoutMs(): number {
    return this.options.lockTimeoutMs
  }

  /** What is left of the time for trying again, in milliseconds. */
  get leftMs(): number {
    const {since = performance.now()} = this
    return Math.max(0, Math.round(since + this.options.waitMs - performance.now()))
  }

  /** Runs statements, and looks on another connection who blocks them, from half of the limit on. */
  async watch<T>(run: () => Promise<T>): Promise<T> {
    const stop = new AbortController()
    const looking = this.look(AbortSignal.any([stop.signal, this.options.signal])).catch(() => undefined)
    try {
      return await run()
    } finally {
      stop.abort()
      await looking
    }
  }

  /**
   * Waits before the next try; false for another failure than a lock's. The transaction must have been rolled back. `state`
   * says what that has left.
   * @throws StateError (`lock_timeout`) after the time for trying again
   */
  async again(error: unknown, state = 'Nothing was changed.'): Promise<boolean> {
    if (!isLockFailure(error)) return false
    const {progress, signal} = this.options
    this.since ??= performance.now()
    const pause = Math.min(pauseMs.first * 2 ** this.tries, pauseMs.max) * (0.5 + Math.random())
    if (this.leftMs < pause) throw this.failure(error, state)
    if (this.tries++ === 0)
      progress(`${this.sentence}. Rolled back; trying again for up to ${formatDuration(this.options.waitMs)}.`)
    await sleep(pause, undefined, {signal}).catch(() => {
      throw new InterruptedError(signal.reason)
    })
    return true
  }

  private get sentence(): string {
    const {relation, holders} = this.seen ?? nobody
    const named = holders.length === 0 ? 'another session' : holders.map(describeHolder).join(', ')
    return `${relation ?? 'A lock'} is held by ${named}`
  }

  private failure(cause: unknown, state: string): StateError {
    const {waitMs} = this.options
    const tried = waitMs === 0 ? '' : ` Tried for ${formatDuration(waitMs)}.`
    return new StateError(`${this.sentence}.${tried} ${state}`, {
      code: 'lock_timeout',
      next: ['Wait until that has ended, and try again.'],
      details: {...(this.seen ?? nobody), tries: this.tries + 1},
      cause,
    })
  }

  private async look(signal: AbortSignal): Promise<void> {
    const {client, url, lockTimeoutMs} = this.options
    const interval = Math.max(lockTimeoutMs / 2, minIntervalMs)
    await sleep(interval, undefined, {signal})
    await withClient(url, {signal, onAbort: 'drop'}, async (other) => {
      for (;;) {
        const {rows} = await other.query<Blockers>(catalogQuery('blockers'), [backendPid(client)])
        if (rows[0] !== undefined && rows[0].holders.length > 0) this.seen = rows[0]
        await sleep(interval, undefined, {signal})
      }
    })
  }
}

function describeHolder({pid, application, state, seconds}: LockHolder): string {
  const doing = state === 'active' || state === 'unknown' ? '' : `${state}, `
  return `${application} (process ${pid}, ${doing}for ${formatDuration(seconds * 1000)})`
}
