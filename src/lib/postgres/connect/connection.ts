import {DatabaseError} from 'pg'
import {ConnectionError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {type Answer, type QueryOptions, runStatement} from '../wire/statement.js'
import {lostConnection, statementFailure} from './failures.js'
import type {PostgresClient} from './postgres-client.js'

export type {Answer, QueryOptions}

/** A connection for statements, with our error classes. */
export interface Connection {
  /**
   * Runs one statement with the extended protocol, which refuses a second statement in the text.
   * @throws SqlError, ConnectionError (`connection_lost`)
   */
  query(text: string, options?: QueryOptions): Promise<Answer>
  /** Whether the connection was lost. Its transaction is rolled back, unless a COMMIT was in progress. */
  readonly lost: boolean
  /** Whether a statement has failed in the open transaction, so that COMMIT would roll it back. */
  readonly failed: boolean
}

/** Clients whose session has ended. Their socket may close a moment later. */
const lost = new WeakSet<PostgresClient>()

/** Records when the session of a client ends. */
export function watch(client: PostgresClient): void {
  const mark = (): void => void lost.add(client)
  // Without a listener, a session that the server ends would crash the process.
  client.on('error', mark).on('end', mark)
}

/** Whether the session of a watched client has ended. */
export function isLost(client: PostgresClient): boolean {
  return lost.has(client)
}

export function connectionOf(client: PostgresClient, url: ConnectionUrl): Connection {
  return new ClientConnection(client, url)
}

/** A class, because object literals with getters stay in memory until a full garbage collection. */
class ClientConnection implements Connection {
  readonly #client: PostgresClient
  readonly #url: ConnectionUrl
  /** Queues statements of concurrent callers, because pg 9 will not. */
  #before: Promise<unknown> = Promise.resolve()

  constructor(client: PostgresClient, url: ConnectionUrl) {
    this.#client = client
    this.#url = url
  }

  get lost(): boolean {
    return isLost(this.#client)
  }

  get failed(): boolean {
    return this.#client.getTransactionStatus() === 'E'
  }

  async query(text: string, options: QueryOptions = {}): Promise<Answer> {
    const answer = this.#before.then(() => runStatement(this.#client, text, options))
    this.#before = answer.catch(() => undefined)
    try {
      return await answer
    } catch (error) {
      const ended = this.lost && !(error instanceof DatabaseError)
      const failure = ended
        ? lostConnection(error, this.#url)
        : statementFailure(error, this.#url, options.name !== undefined)
      if (failure instanceof ConnectionError) lost.add(this.#client)
      throw failure
    }
  }
}
