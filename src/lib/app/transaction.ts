import {setTimeout as delay} from 'node:timers/promises'
import {ConnectionError, errorCode, StateError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {type Connection, connectionOf} from '../postgres/connect/connection.js'
import type {Target} from '../targets/target.js'
import {Queries, type QuerySettings, type Send} from './queries.js'

/** How a transaction is run. */
export interface TransactionOptions {
  /** How often it is run again, from its beginning, after a failure that may pass; 0. */
  retries?: number | undefined
  /** `read committed`. */
  isolation?: 'read committed' | 'repeatable read' | 'serializable' | undefined
}

/**
 * What may pass when a transaction is run again: serialization failure, deadlock, and the connection lost before COMMIT
 * was sent, which is how 57P01 (ended by an administrator) shows.
 */
const transient = new Set(['40001', '40P01', 'connection_lost'])

/** Waits before the n-th retry, from 0, in milliseconds: doubled each time, and never the same for two callers. */
const backoff = (attempt: number): number => Math.min(2000, 25 * 2 ** attempt) * (0.5 + Math.random())

/** An open transaction: statements that are all kept or none. It ends with the function that it was given to. */
export class Transaction extends Queries {
  readonly #connection: Connection
  readonly #depth: number
  #state: 'open' | 'nested' | 'ended' = 'open'

  constructor(connection: Connection, settings: QuerySettings, depth = 0) {
    super(settings)
    this.#connection = connection
    this.#depth = depth
  }

  protected override send: Send = async ({text, name}, values) => {
    this.#check()
    return this.#connection.query(text, {values, name, joined: true})
  }

  /** Runs `work` within a savepoint: if it fails, what it did is undone and this transaction can go on. */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.#check()
    const savepoint = `nested_${this.#depth + 1}`
    const inner = new Transaction(this.#connection, this.settings, this.#depth + 1)
    this.#state = 'nested'
    try {
      await this.#connection.query(`savepoint ${savepoint}`)
      return await inner.end(work, `release savepoint ${savepoint}`, `rollback to savepoint ${savepoint}`)
    } finally {
      this.#state = 'open'
    }
  }

  /** Runs `work` and ends: by `keep`, or by `undo` where it failed. Not for callers of this library. */
  async end<T>(work: (transaction: Transaction) => Promise<T>, keep: string, undo: string): Promise<T> {
    try {
      const result = await work(this)
      if (this.#connection.failed) throw failedInside()
      this.#state = 'ended'
      await this.#keep(keep)
      return result
    } catch (error) {
      this.#state = 'ended'
      // Where this fails the connection is lost, and has rolled back by itself.
      await this.#connection.query(undo).catch(() => undefined)
      throw error
    }
  }

  async #keep(keep: string): Promise<void> {
    const {lost} = this.#connection
    try {
      await this.#connection.query(keep)
    } catch (error) {
      if (lost || keep !== 'commit' || !(error instanceof ConnectionError)) throw error
      throw new ConnectionError('The connection was lost during COMMIT: the transaction may be stored or not.', {
        code: 'commit_unknown',
        next: ['Look for what it should have written before you run it again.'],
        cause: error,
      })
    }
  }

  #check(): void {
    if (this.#state === 'open') return
    const ended = this.#state === 'ended'
    throw new StateError(ended ? 'The transaction has ended.' : 'A nested transaction is open: use that one.', {
      code: ended ? 'transaction_ended' : 'transaction_nested',
      next: [
        ended
          ? 'Await each statement within the function of the transaction.'
          : 'Await it before you go on with the outer one.',
      ],
    })
  }
}

/** COMMIT would roll back without an error: https://www.postgresql.org/docs/current/sql-commit.html */
function failedInside(): StateError {
  return new StateError('A statement of the transaction failed, so nothing of it can be stored.', {
    code: 'transaction_failed',
    next: ['Run a statement that may fail in a nested transaction.'],
  })
}

/** Runs `work` in a transaction of its own on `connection`. */
export async function runTransaction<T>(
  connection: Connection,
  settings: QuerySettings,
  {isolation = 'read committed'}: TransactionOptions,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  await connection.query(`begin isolation level ${isolation}`)
  return new Transaction(connection, settings).end(work, 'commit', 'rollback')
}

/** Runs `attempt` again, `retries` times at most, while it fails in a way that may pass. */
export async function withRetries<T>(retries: number, attempt: () => Promise<T>): Promise<T> {
  for (let done = 0; ; done += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (done >= retries || !transient.has(errorCode(error) ?? '')) throw error
      await delay(backoff(done))
    }
  }
}

/**
 * Runs `work` in a transaction on a connection of its own, which is closed afterwards: for a command, which asks once. On
 * abort nothing of it is stored.
 * @throws what `work` throws; ConnectionError, StateError, InterruptedError
 */
export async function inTransaction<T>(
  {target: {url}, signal}: {target: Target; signal: AbortSignal},
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const settings = {folders: [], prepare: false, prepared: new Map(), onQuery: undefined}
  return withClient(url, {signal}, (client) => runTransaction(connectionOf(client, url), settings, {}, work))
}
