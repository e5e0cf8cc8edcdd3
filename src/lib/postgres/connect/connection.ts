import {DatabaseError} from 'pg'
import {ConnectionError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {type Answer, type QueryOptions, runStatement} from '../wire/statement.js'
import {lostConnection, sqlStateOf, statementFailure} from './failures.js'
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

/** Errors of statements that stored nothing, because they were not sent, or because the server rolled them back. */
const traceless = new WeakSet<object>()

/** The server ends the session and rolls back: by an administrator, after a crash, the database dropped, idle too long. */
const rolledBack: readonly (string | undefined)[] = ['57P01', '57P02', '57P04', '57P05']

/**
 * Whether a failed statement has certainly stored nothing. A connection that ends without a word from the server leaves
 * open whether the statement ran.
 */
export function leftNothing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && traceless.has(error)
}

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
    let sent = false
    const answer = this.#before.then(() => {
      sent = !this.lost
      return runStatement(this.#client, text, options)
    })
    this.#before = answer.catch(() => undefined)
    try {
      return await answer
    } catch (error) {
      const ended = this.lost && !(error instanceof DatabaseError)
      const failure = ended
        ? lostConnection(error, this.#url)
        : statementFailure(error, this.#url, options.name !== undefined)
      if (failure instanceof ConnectionError) lost.add(this.#client)
      if (failure instanceof Error && (!sent || rolledBack.includes(sqlStateOf(error)))) traceless.add(failure)
      throw failure
    }
  }
}
