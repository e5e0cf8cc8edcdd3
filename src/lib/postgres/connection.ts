import {DatabaseError} from 'pg'
import {ConnectionError} from '../errors.js'
import type {ConnectionUrl} from '../target/connection-url.js'
import type {PostgresClient} from './client.js'
import {lostConnection, statementFailure} from './failures.js'

/** What a statement came to. */
export interface Answer {
  /** The first column of each row, as text. */
  texts: string[]
  /** Rows that it returned or changed. */
  count: number
}

/** A connection that statements are sent on, with our errors. */
export interface Connection {
  /**
   * Runs one statement by the extended protocol, so that text never holds a second one. With a `name`, which goes with
   * this text alone, the server keeps it prepared for as long as the connection lasts.
   * @throws SqlError, ConnectionError (`connection_lost`)
   */
  query(text: string, values?: readonly unknown[], name?: string): Promise<Answer>
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
  return {
    get lost() {
      return isLost(client)
    },
    get failed() {
      return client.getTransactionStatus() === 'E'
    },
    async query(text: string, values: readonly unknown[] = [], name?: string): Promise<Answer> {
      try {
        const config = {text, values: [...values], name, queryMode: 'extended', rowMode: 'array'} as const
        const {rows, rowCount} = await client.query<string[]>(config)
        return {texts: rows.map((row) => row[0] ?? ''), count: rowCount ?? 0}
      } catch (error) {
        const ended = isLost(client) && !(error instanceof DatabaseError)
        const failure = ended ? lostConnection(error, url) : statementFailure(error, url)
        if (failure instanceof ConnectionError) lost.add(client)
        throw failure
      }
    },
  }
}
