import type {Notification} from 'pg'
import {ConnectionError, InterruptedError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {catalogQuery} from '../catalog/catalog.js'
import type {Connected} from '../connect/attempt.js'
import {encodingOfUrl} from '../connect/client-encoding.js'
import {cancel, connect} from '../connect/client.js'
import {close} from '../connect/close.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {isLost} from '../connect/connection.js'
import {lostConnection, statementFailure} from '../connect/failures.js'
import {describeStatement} from './describe-statement.js'
import {type NoticeListener, watchNotices} from './notices.js'
import {type AnswerSink, type CopyIn, sendStatements, StatementsError} from './script-wire.js'

/** Outside a transaction, in one, in a failed one, or `lost`: not connected, or not yet. */
export type SessionState = 'idle' | 'open' | 'failed' | 'lost'

/** The row of `sql/catalog/shell/session.sql`. */
export interface SessionFacts {
  database: string
  role: string
  version: string
  superuser: boolean
  standardStrings: boolean
  /** Null if the role may not see it. */
  encrypted: boolean | null
}

/** Rows as the server's text. */
export interface TextTable {
  columns: {name: string; type: number}[]
  rows: (string | null)[][]
}

/** What a session reports in addition to its answers. */
export interface SessionEvents {
  onNotice: NoticeListener
  onNotification: (notification: Notification) => void
  /** The connection was lost. `transaction` says whether one was open. */
  onLost: (transaction: boolean) => void
}

const states = {I: 'idle', T: 'open', E: 'failed'} as const
const asText = {getTypeParser: () => (value: string) => value}

/** The connection of the SQL shell. Statements can be canceled, and it reconnects after it was lost. */
export class SqlSession {
  #connected: Connected | undefined
  #facts: SessionFacts | undefined
  #closing = false

  constructor(
    private url: ConnectionUrl,
    private readonly events: SessionEvents,
    private readonly signal?: AbortSignal,
  ) {
    signal?.addEventListener('abort', () => void this.cancel())
  }

  /** The encoding in which psql would read files on this connection. */
  get wantedEncoding(): string | undefined {
    return encodingOfUrl(this.url)
  }

  get state(): SessionState {
    const client = this.#connected?.client
    if (client === undefined || isLost(client)) return 'lost'
    return states[client.getTransactionStatus() ?? 'I']
  }

  /** The facts of the last connection. There must have been one. */
  get facts(): SessionFacts {
    if (this.#facts === undefined) throw new TypeError('the session was never connected')
    return this.#facts
  }

  /**
   * Connects, unless it is connected.
   * @throws ConnectionError, StateError, InterruptedError
   */
  async connect(): Promise<void> {
    if (this.state !== 'lost') return
    if (this.#connected !== undefined) await close(this.#connected.client)
    await this.#begin(await connect(this.url, {signal: this.signal}))
  }

  /**
   * Goes on in another database of the server, with the same settings. If it cannot be entered, or `check` rejects, the
   * session stays as it is.
   * @throws ConnectionError, StateError, InterruptedError, and what `check` throws
   */
  async change(database: string, check: (client: PostgresClient) => Promise<void>): Promise<void> {
    const url = this.url.at(this.server).withDatabase(database)
    const connected = await connect(url, {signal: this.signal})
    try {
      await check(connected.client)
    } catch (error) {
      await close(connected.client)
      throw error
    }
    const before = this.#connected
    this.url = url
    await this.#begin(connected)
    if (before !== undefined) await close(before.client)
  }

  async #begin(connected: Connected): Promise<void> {
    const {client} = connected
    this.#connected = connected
    let transaction = false
    watchNotices(client, this.events.onNotice)
    client.on('notification', this.events.onNotification)
    client.connection.on('readyForQuery', ({status}: {status: string}) => (transaction = status !== 'I'))
    client.on('end', () => this.#closing || this.#connected !== connected || this.events.onLost(transaction))
    this.#facts = (await client.query<SessionFacts>(catalogQuery('shell/session'))).rows[0]
  }

  /**
   * Sends one statement; `sink` receives the answer. For a COPY … FROM STDIN, returns the object that takes its data.
   * @throws the server's own error, ConnectionError (`connection_lost`), InterruptedError
   */
  async run(text: Buffer, sink: AnswerSink): Promise<CopyIn | undefined> {
    return this.#settling(async ({client}) => (await sendStatements(client, text, sink)).copy)
  }

  /** Ends the COPY that {@link run} has returned. */
  async finish(copy: CopyIn): Promise<void> {
    await this.#settling(() => copy.end())
  }

  /**
   * Runs a query of `sql/catalog/shell` and returns its rows as text.
   * @throws SqlError, ConnectionError (`connection_lost`)
   */
  async table(name: string, values: readonly unknown[] = []): Promise<TextTable> {
    const text = catalogQuery(`shell/${name}`)
    try {
      const {fields, rows} = await this.#settling(({client}) =>
        client.query<(string | null)[]>({text, values: [...values], rowMode: 'array', types: asText}),
      )
      return {columns: fields.map(({name: column, dataTypeID}) => ({name: column, type: dataTypeID})), rows}
    } catch (error) {
      throw statementFailure(error, this.url)
    }
  }

  /**
   * The columns of a statement, which is not run, with the names of their types.
   * @throws the server's own error, ConnectionError (`connection_lost`)
   */
  async describe(text: string): Promise<TextTable> {
    const columns = await this.#settling(({client}) => describeStatement(client, text))
    const values = [columns.map(({name}) => name), columns.map(({type}) => type), columns.map(({modifier}) => modifier)]
    return this.table('described', values)
  }

  /** Asks the server to cancel the running statement; never rejects. */
  async cancel(): Promise<void> {
    if (this.#connected === undefined || this.state === 'lost') return
    // If the server cannot be reached, there is nothing to cancel.
    await cancel(this.#connected).catch(() => undefined)
  }

  /** Closes the connection at once, for a server that no longer answers. */
  abandon(): void {
    this.#connected?.client.connection.stream.destroy()
  }

  get server(): {host: string; port: number} {
    return this.#connected?.attempt.host ?? this.url.primary
  }

  /** Pauses or resumes reading rows. */
  flow(open: boolean): void {
    const stream = this.#connected?.client.connection.stream
    if (open) stream?.resume()
    else stream?.pause()
  }

  async close(): Promise<void> {
    this.#closing = true
    if (this.#connected !== undefined) await close(this.#connected.client)
  }

  async #settling<T>(work: (connected: Connected) => Promise<T>): Promise<T> {
    const connected = this.#connected
    if (connected === undefined || isLost(connected.client)) throw lostConnection(undefined, this.url)
    try {
      return await work(connected)
    } catch (thrown) {
      const error = thrown instanceof StatementsError ? thrown.error : thrown
      // The error arrives before the transaction state, or before the server closes the connection.
      await connected.client.query('').catch(() => undefined)
      if (this.signal?.aborted) throw new InterruptedError(this.signal.reason)
      const failure = statementFailure(error, this.url)
      if (failure instanceof ConnectionError) throw failure
      throw isLost(connected.client) ? lostConnection(error, this.url) : error
    }
  }
}

export async function withSqlSession<T>(
  {url, events, signal}: {url: ConnectionUrl; events: SessionEvents; signal?: AbortSignal},
  use: (session: SqlSession) => Promise<T>,
): Promise<T> {
  const session = new SqlSession(url, events, signal)
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}
