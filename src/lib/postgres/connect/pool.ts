import {Client, Pool, type PoolClient} from 'pg'
import {CruddurError, StateError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Attempt} from './attempt.js'
import {clientConfig, firstToConnect, openClient} from './connect.js'
import {type Connection, connectionOf, isLost} from './connection.js'
import {connectFailure, connectTimeout, mayPassElsewhere, mayPassOtherwise} from './failures.js'
import {allowLongAnswers} from './stream-guard.js'

export interface PoolSettings {
  /** The maximum number of connections; default 10. */
  max?: number | undefined
  /** How long to wait for a free or new connection, in seconds; default 10. */
  waitSeconds?: number | undefined
  /** Closes a connection that is unused for this long, in seconds; default 10. 0 never closes it. */
  idleSeconds?: number | undefined
}

/**
 * A pool of connections with the same hosts, TLS, timeouts and errors as {@link withClient}. A lost connection is
 * replaced.
 */
export class ConnectionPool {
  readonly #url: ConnectionUrl
  readonly #pool: Pool
  readonly #waitSeconds: number
  /** The attempt for the next new connection. */
  #attempt: Attempt | undefined
  /** The number of users that have a connection or wait for one. */
  #users = 0
  #closing: Promise<void> | undefined
  #onDrained: (() => void) | undefined

  constructor(url: ConnectionUrl, {max = 10, waitSeconds = 10, idleSeconds = 10}: PoolSettings) {
    this.#url = url
    this.#waitSeconds = waitSeconds
    const next = (): Attempt => {
      if (this.#attempt === undefined) throw new TypeError('the pool connects without an attempt')
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
    // An idle connection was lost, and the pool has already removed it.
    this.#pool.on('error', () => undefined)
  }

  /**
   * Lends a connection to `work`, and always takes it back.
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

  /** Like {@link use}, for work that is not one function, for example a generator. Call `giveBack` in `finally`. */
  async borrow(): Promise<{connection: Connection; giveBack: () => void}> {
    if (this.#closing !== undefined) throw new StateError('The connections are closed.', {code: 'pool_closed'})
    this.#users += 1
    try {
      const client = await this.#acquire()
      return {
        connection: connectionOf(client, this.#url),
        giveBack: () => {
          // A connection with an open transaction must not be lent again.
          client.release(isLost(client) || client.getTransactionStatus() !== 'I')
          this.#leave()
        },
      }
    } catch (error) {
      this.#leave()
      throw error
    }
  }

  /** Waits for all users, then closes all connections. A second call waits for the first. */
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

  /** Takes a free connection, or opens one. */
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
        // The same attempt no longer works. The URL may have other hosts, or allow another kind of TLS.
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

  /** Errors of connecting are already ours. The pool's own errors have no code. */
  #acquireFailure(error: unknown, host: HostAndPort): CruddurError {
    if (error instanceof CruddurError) return error
    if (error instanceof Error && error.cause instanceof CruddurError)
      return connectTimeout(host, this.#waitSeconds, 'startup')
    const {max} = this.#pool.options
    return new StateError(
      `All ${max} connections of the pool are in use, and none was free within ${this.#waitSeconds} s.`,
      {
        code: 'pool_exhausted',
        next: ['Look for code that keeps its connection, or raise max.'],
        details: {max, seconds: this.#waitSeconds},
        cause: error,
      },
    )
  }
}

/** A client that the pool creates and connects, with our rules and errors. */
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
      const client = await openClient(
        () => this,
        this.#attempt,
        {},
        () => super.connect(),
      )
      // How long an answer may be is the application's business.
      allowLongAnswers(client.connection.stream, true)
      return client
    } catch (error) {
      throw connectFailure(error, this.#attempt)
    }
  }
}
