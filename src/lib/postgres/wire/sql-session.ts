import type {Notification} from 'pg'
import {ConnectionError, InterruptedError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {catalogQuery} from '../catalog/catalog.js'
import {cancel, close, connect, type Connected} from '../connect/client.js'
import {isLost} from '../connect/connection.js'
import {lostConnection, statementFailure} from '../connect/failures.js'
import {type NoticeListener, watchNotices} from './notices.js'
import {type AnswerSink, type CopyIn, sendStatements, StatementsError} from './script-wire.js'

/** Where a session stands: outside of a transaction, in one, in one that has failed; `lost` before the first and without a connection. */
export type SessionState = 'idle' | 'open' | 'failed' | 'lost'

/** What is known of a session once it is connected, as `sql/catalog/shell/session.sql` selects it. */
export interface SessionFacts {
  database: string
  role: string
  version: string
  superuser: boolean
  standardStrings: boolean
  /** Null where a role may not see it. */
  encrypted: boolean | null
}

/** Rows as text, as the server writes them. */
export interface TextTable {
  columns: {name: string; type: number}[]
  rows: (string | null)[][]
}

/** What a session tells beside its answers. */
export interface SessionEvents {
  onNotice: NoticeListener
  onNotification: (notification: Notification) => void
  /** The connection broke; `transaction` where one was open. */
  onLost: (transaction: boolean) => void
}

const states = {I: 'idle', T: 'open', E: 'failed'} as const
const asText = {getTypeParser: () => (value: string) => value}

/** A connection that a person types statements on: it can be cancelled, and made again once it was lost. */
export class SqlSession {
  #connected: Connected | undefined
  #facts: SessionFacts | undefined
  #closing = false

  constructor(
    private readonly url: ConnectionUrl,
    private readonly events: SessionEvents,
    private readonly signal?: AbortSignal,
  ) {
    signal?.addEventListener('abort', () => void this.cancel())
  }

  get state(): SessionState {
    const client = this.#connected?.client
    if (client === undefined || isLost(client)) return 'lost'
    return states[client.getTransactionStatus() ?? 'I']
  }

  /** What the last connection was; asking before the first is an error of the caller. */
  get facts(): SessionFacts {
    if (this.#facts === undefined) throw new TypeError('a session that was not connected')
    return this.#facts
  }

  /**
   * Connects, unless it is connected already.
   * @throws ConnectionError, StateError, InterruptedError
   */
  async connect(): Promise<void> {
    if (this.state !== 'lost') return
    if (this.#connected !== undefined) await close(this.#connected.client)
    const connected = await connect(this.url, {signal: this.signal})
    const {client} = connected
    this.#connected = connected
    let transaction = false
    watchNotices(client, this.events.onNotice)
    client.on('notification', this.events.onNotification)
    client.connection.on('readyForQuery', ({status}: {status: string}) => (transaction = status !== 'I'))
    client.on('end', () => this.#closing || this.events.onLost(transaction))
    this.#facts = (await client.query<SessionFacts>(catalogQuery('shell/session'))).rows[0]
  }

  /**
   * Sends one statement, and tells `sink` what comes of it. A COPY … FROM STDIN is returned to be given its data.
   * @throws what the server says as it says it, ConnectionError (`connection_lost`), InterruptedError
   */
  async run(text: Buffer, sink: AnswerSink): Promise<CopyIn | undefined> {
    return this.#settling(async ({client}) => (await sendStatements(client, text, sink)).copy)
  }

  /** Ends what {@link run} has returned. */
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

  /** Asks the server to stop the statement that is under way; never rejects. */
  async cancel(): Promise<void> {
    if (this.#connected === undefined || this.state === 'lost') return
    // A server that cannot be reached any more has nothing to stop.
    await cancel(this.#connected).catch(() => undefined)
  }

  /** Gives the connection up, for a server that does not answer any more. */
  abandon(): void {
    this.#connected?.client.connection.stream.destroy()
  }

  /** The server that it is connected to. */
  get server(): {host: string; port: number} {
    return this.#connected?.attempt.host ?? this.url.primary
  }

  /** Takes no more rows for now, or again. */
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
      // An error arrives before the server says where the session stands, or closes it.
      await connected.client.query('').catch(() => undefined)
      if (this.signal?.aborted) throw new InterruptedError(this.signal.reason)
      const failure = statementFailure(error, this.url)
      if (failure instanceof ConnectionError) throw failure
      throw isLost(connected.client) ? lostConnection(error, this.url) : error
    }
  }
}

/** Calls `use` with a session that is closed afterwards. */
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
