import {DatabaseError} from 'pg'
import {ConnectionError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {type Answer, type QueryOptions, runStatement} from '../wire/statement.js'
import {lostConnection, statementFailure} from './failures.js'
import type {PostgresClient} from './postgres-client.js'

export type {Answer, QueryOptions}

/** A connection that statements are sent on, with our errors. */
export interface Connection {
  /**
   * Runs one statement by the extended protocol, so that text never holds a second one.
   * @throws SqlError, ConnectionError (`connection_lost`)
   */
  query(text: string, options?: QueryOptions): Promise<Answer>
  /** Whether it broke: everything sent on it before is rolled back, unless a COMMIT was under way. */
  readonly lost: boolean
  /** Whether a statement has failed in the open transaction, which COMMIT would then roll back. */
  readonly failed: boolean
}

/** Clients whose session has ended: their socket may close only a moment later. */
const lost = new WeakSet<PostgresClient>()

/** Notices when the session of a client ends. */
export function watch(client: PostgresClient): void {
  const mark = (): void => void lost.add(client)
  // Without a listener a session that is ended from outside would crash the process.
  client.on('error', mark).on('end', mark)
}

/** Whether the session of a watched client has ended. */
export function isLost(client: PostgresClient): boolean {
  return lost.has(client)
}

/** A client as a {@link Connection}. */
export function connectionOf(client: PostgresClient, url: ConnectionUrl): Connection {
  return new ClientConnection(client, url)
}

/** A class, since each object literal with getters is kept, with what it leads to, until a full garbage collection. */
class ClientConnection implements Connection {
  readonly #client: PostgresClient
  readonly #url: ConnectionUrl
  /** pg will not queue statements for much longer (pg 9); callers may ask for several at once. */
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
      const failure = ended ? lostConnection(error, this.#url) : statementFailure(error, this.#url)
      if (failure instanceof ConnectionError) lost.add(this.#client)
      throw failure
    }
  }
}
