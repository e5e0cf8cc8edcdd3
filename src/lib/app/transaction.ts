import {setTimeout as delay} from 'node:timers/promises'
import {ConnectionError, errorCode, StateError, UsageError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {type Connection, connectionOf} from '../postgres/connect/connection.js'
import type {Target} from '../targets/target.js'
import {requireArguments} from './arguments.js'
import {Queries, type QuerySettings, type Send} from './queries.js'

export interface TransactionOptions {
  /** How often to run it again after a temporary failure; default 0. */
  retries?: number | undefined
  /** The isolation level; default `read committed`. */
  isolation?: (typeof isolations)[number] | undefined
}

const isolations = ['read committed', 'repeatable read', 'serializable'] as const

/**
 * Refuses options of another type. The isolation level becomes part of a statement, so it must be one of these.
 * @throws UsageError (`argument_invalid`)
 */
export function checkTransaction(options: TransactionOptions): void {
  requireArguments(['options', options, 'an object'])
  requireArguments(['retries', options.retries, 'a whole number from 0'])
  const {isolation} = options
  if (isolation === undefined || isolations.includes(isolation)) return
  throw new UsageError(`The argument isolation must be one of ${isolations.join(', ')}.`, {
    code: 'argument_invalid',
    details: {argument: 'isolation'},
  })
}

/**
 * Temporary failures: serialization failure, deadlock, and a connection that was lost before COMMIT was sent (57P01, ended
 * by an administrator, is also reported as that).
 */
const transient = new Set(['40001', '40P01', 'connection_lost'])

/** The pause before each retry in milliseconds. It doubles each time, and is random so that two callers do not collide again. */
const backoff = (attempt: number): number => Math.min(2000, 25 * 2 ** attempt) * (0.5 + Math.random())

/** An open transaction. It ends with the function that got it. */
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

  /** Runs `work` in a savepoint. If it fails, only its changes are rolled back, and this transaction can go on. */
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

  /** Runs `work`, then the statement `keep`, or `undo` if it failed. Not for users of this library. */
  async end<T>(work: (transaction: Transaction) => Promise<T>, keep: string, undo: string): Promise<T> {
    try {
      const result = await work(this)
      if (this.#connection.failed) throw failedInside()
      this.#state = 'ended'
      await this.#keep(keep)
      return result
    } catch (error) {
      this.#state = 'ended'
      // If this fails, the connection is lost, and the server rolls back.
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
      throw new ConnectionError(
        'The connection was lost during COMMIT. It is not known whether the transaction was committed.',
        {
          code: 'commit_unknown',
          next: ['Check whether its changes exist before you run it again.'],
          cause: error,
        },
      )
    }
  }

  #check(): void {
    if (this.#state === 'open') return
    const ended = this.#state === 'ended'
    throw new StateError(
      ended ? 'The transaction has already ended.' : 'A nested transaction is open and must be used instead.',
      {
        code: ended ? 'transaction_ended' : 'transaction_nested',
        next: [
          ended
            ? 'Await each statement inside the function of the transaction.'
            : 'Await the nested transaction before you use the outer one.',
        ],
      },
    )
  }
}

/** Needed because COMMIT would roll back without an error (https://www.postgresql.org/docs/current/sql-commit.html). */
function failedInside(): StateError {
  return new StateError('A statement in the transaction failed, so the transaction was rolled back.', {
    code: 'transaction_failed',
    next: ['If a statement may fail, run it in a nested transaction.'],
  })
}

export async function runTransaction<T>(
  connection: Connection,
  settings: QuerySettings,
  {isolation = 'read committed'}: TransactionOptions,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  await connection.query(`begin isolation level ${isolation}`)
  return new Transaction(connection, settings).end(work, 'commit', 'rollback')
}

/** Runs `attempt` again after temporary failures, at most `retries` times. */
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
 * Runs `work` in a transaction on its own connection, for commands. On abort the transaction is rolled back.
 * @throws what `work` throws; ConnectionError, StateError, InterruptedError
 */
export async function inTransaction<T>(
  {target: {url}, signal}: {target: Target; signal: AbortSignal},
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const settings = {folders: [], prepare: false, prepared: new Map(), onQuery: undefined}
  return withClient(url, {signal}, (client) => runTransaction(connectionOf(client, url), settings, {}, work))
}
