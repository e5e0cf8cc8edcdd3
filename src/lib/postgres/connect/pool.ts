import {Client, Pool, type PoolClient} from 'pg'
import {CruddurError, StateError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Attempt} from './attempt.js'
import {clientConfig, firstToConnect, openClient} from './connect.js'
import {type Connection, connectionOf, isLost} from './connection.js'
import {connectFailure, connectTimeout, mayPassElsewhere, mayPassOtherwise} from './failures.js'

/** How a pool behaves; every field has a default. */
export interface PoolSettings {
  /** Connections at most; 10. */
  max?: number | undefined
  /** How long to wait for a connection, made or given back, in seconds; 10. */
  waitSeconds?: number | undefined
  /** A connection unused for so long is closed, in seconds; 10. 0 keeps it. */
  idleSeconds?: number | undefined
}

/**
 * Connections kept for reuse, made as {@link withClient} makes them: the same hosts, TLS, timeouts and errors. One
 * that breaks is replaced.
 */
export class ConnectionPool {
  readonly #url: ConnectionUrl
  readonly #pool: Pool
  readonly #waitSeconds: number
  /** What the next new connection is to try. */
  #attempt: Attempt | undefined
  /** Who has a connection or waits for one. */
  #users = 0
  #closing: Promise<void> | undefined
  #onDrained: (() => void) | undefined

  constructor(url: ConnectionUrl, {max = 10, waitSeconds = 10, idleSeconds = 10}: PoolSettings) {
    this.#url = url
    this.#waitSeconds = waitSeconds
    const next = (): Attempt => {
      if (this.#attempt === undefined) throw new TypeError('a pool connects only for someone who asks')
      return this.#attempt
    }
    this.#pool = new Pool({
      max,
      connectionTimeoutMillis: waitSeconds * 1000,
      idleTimeoutMillis: idleSeconds * 1000,
      Client: class extends PoolMember {
        constructor() {
          super(next())
        }
      },
    })
    // An idle connection that breaks: the pool has dropped it already.
    this.#pool.on('error', () => undefined)
  }

  /**
   * Lends a connection to `work`, and takes it back whatever happens.
   * @throws StateError (`pool_exhausted`, `pool_closed`), ConnectionError, SqlError
   */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const {connection, giveBack} = await this.borrow()
    try {
      return await work(connection)
    } finally {
      giveBack()
    }
  }

  /** {@link use} for work that is not one function, a generator say; whoever borrows gives back, in `finally`. */
  async borrow(): Promise<{connection: Connection; giveBack: () => void}> {
    if (this.#closing !== undefined) throw new StateError('The connections are closed.', {code: 'pool_closed'})
    this.#users += 1
    try {
      const client = await this.#acquire()
      return {
        connection: connectionOf(client, this.#url),
        giveBack: () => {
          // What was left in the middle of a transaction is not lent to anyone else.
          client.release(isLost(client) || client.getTransactionStatus() !== 'I')
          this.#leave()
        },
      }
    } catch (error) {
      this.#leave()
      throw error
    }
  }

  /** Waits for who has a connection or waits for one, and closes them all; a second call waits for the first. */
  async close(): Promise<void> {
    const drained = new Promise<void>((resolve) => {
      this.#onDrained ??= resolve
    })
    if (this.#users === 0) this.#onDrained?.()
    this.#closing ??= drained.then(() => this.#pool.end())
    return this.#closing
  }

  #leave(): void {
    this.#users -= 1
    if (this.#users === 0) this.#onDrained?.()
  }

  /** One that is there already, else a new one, made the way that works. */
  async #acquire(): Promise<PoolClient & PoolMember> {
    const {
      idleCount,
      totalCount,
      options: {max},
    } = this.#pool
    if (this.#attempt !== undefined && (idleCount > 0 || totalCount === max)) {
      try {
        return await this.#take(this.#attempt)
      } catch (error) {
        // It was gone, and cannot be made as before: the URL may name other servers, or allow other ways.
        if (!(error instanceof CruddurError) || !(mayPassElsewhere(error) || mayPassOtherwise(error))) throw error
      }
    }

    return firstToConnect(this.#url, (attempt) => this.#take(attempt))
  }

  async #take(attempt: Attempt): Promise<PoolClient & PoolMember> {
    this.#attempt = attempt
    try {
      return (await this.#pool.connect()) as PoolClient & PoolMember
    } catch (error) {
      throw this.#acquireFailure(error, attempt.host)
    }
  }

  /** What a member throws while connecting is ours already; the pool's own complaints carry no code. */
  #acquireFailure(error: unknown, host: HostAndPort): CruddurError {
    if (error instanceof CruddurError) return error
    if (error instanceof Error && error.cause instanceof CruddurError)
      return connectTimeout(host, this.#waitSeconds, 'startup')
    const {max} = this.#pool.options
    return new StateError(
      `All ${max} connections of the pool are in use, and none was free within ${this.#waitSeconds} s.`,
      {
        code: 'pool_exhausted',
        next: ['Look for work that keeps its connection, or let the pool have more.'],
        details: {max, seconds: this.#waitSeconds},
        cause: error,
      },
    )
  }
}

/** A client that the pool makes and connects by itself, by our rules and with our errors. */
class PoolMember extends Client {
  readonly #attempt: Attempt

  constructor(attempt: Attempt) {
    super(clientConfig(attempt))
    this.#attempt = attempt
  }

  override connect(): Promise<Client>
  override connect(callback: (error: Error) => void): void
  override connect(callback?: (error: Error) => void): Promise<Client> | void {
    const connected = this.#open()
    if (callback === undefined) return connected
    connected.then(() => (callback as () => void)(), callback)
  }

  async #open(): Promise<Client> {
    try {
      return await openClient(
        () => this,
        this.#attempt,
        {},
        () => super.connect(),
      )
    } catch (error) {
      throw connectFailure(error, this.#attempt)
    }
  }
}
