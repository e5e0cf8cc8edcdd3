import {DatabaseError, Query} from 'pg'
import {ConnectionError} from '../errors.js'
import type {ConnectionUrl} from '../target/connection-url.js'
import type {PostgresClient} from './client.js'
import {lostConnection, statementFailure} from './failures.js'

/** How a statement is sent. */
export interface QueryOptions {
  values?: readonly unknown[]
  /** Goes with one text alone: the server keeps it prepared for as long as the connection lasts. */
  name?: string
  /** Rows are put together as they come, with commas between, so that no string is kept for each of very many. */
  joined?: boolean
}

/** What a statement came to. */
export interface Answer {
  /** The first column of each row, as text; of many rows together where they are `joined`. */
  texts: string[]
  /** Rows that it returned or changed. */
  count: number
}

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
  // pg will not queue statements for much longer (pg 9); callers may ask for several at once.
  let before: Promise<unknown> = Promise.resolve()
  return {
    get lost() {
      return isLost(client)
    },
    get failed() {
      return client.getTransactionStatus() === 'E'
    },
    async query(text: string, options: QueryOptions = {}): Promise<Answer> {
      const answer = before.then(() => run(client, text, options))
      before = answer.catch(() => undefined)
      try {
        return await answer
      } catch (error) {
        const ended = isLost(client) && !(error instanceof DatabaseError)
        const failure = ended ? lostConnection(error, url) : statementFailure(error, url)
        if (failure instanceof ConnectionError) lost.add(client)
        throw failure
      }
    },
  }
}

/** Rows are taken one by one: pg would keep each as an object until the last has come. */
async function run(client: PostgresClient, text: string, {values = [], name, joined = false}: QueryOptions): Promise<Answer> {
  const rows = new Texts(joined ? joinedLength : 0)
  const config = {text, values: [...values], name, queryMode: 'extended', rowMode: 'array'}
  const count = await new Promise<number>((resolve, reject) => {
    const query = new Query<string[]>(config)
    query.on('row', (row) => rows.add(row[0] ?? ''))
    query.on('error', (error) => whenSettled(client, error, () => reject(error)))
    query.on('end', (result) => resolve(result.rowCount ?? 0))
    client.query(query)
  })
  return {texts: rows.end(), count}
}

/**
 * The server sends an error before the state of the transaction that it leaves (ReadyForQuery), or before it closes the
 * connection: whoever is told of the error may ask for either at once.
 */
function whenSettled({connection}: PostgresClient, error: Error, settled: () => void): void {
  if (!(error instanceof DatabaseError)) return settled()
  const done = (): void => {
    connection.off('readyForQuery', done).off('end', done)
    settled()
  }
  connection.on('readyForQuery', done).on('end', done)
}

/** So long that the garbage collector leaves it in its place, in UTF-16 units. */
const joinedLength = 150_000

/** Texts, put together with commas until each is `length` long. */
class Texts {
  readonly #done: string[] = []
  #pending: string[] = []
  #size = 0

  constructor(readonly length: number) {}

  add(text: string): void {
    this.#pending.push(text)
    this.#size += text.length
    if (this.#size >= this.length) this.#join()
  }

  end(): string[] {
    if (this.#pending.length > 0) this.#join()
    return this.#done
  }

  #join(): void {
    this.#done.push(this.#pending.join(','))
    this.#pending = []
    this.#size = 0
  }
}
