import {once} from 'node:events'
import type {Duplex} from 'node:stream'
import type {Connection, Submittable} from 'pg'
import {SqlError} from '../../errors.js'
import type {PostgresClient} from '../connect/postgres-client.js'

/**
 * The wire of SQL scripts: many statements in one message, and COPY data in as few messages as it comes in chunks.
 * pg's own query takes text as a string, which it would have to decode and encode again, and its streams for COPY are
 * slower than psql; the messages here are those of the protocol's simple query and copy-in
 * (https://www.postgresql.org/docs/current/protocol-flow.html).
 */

/** Told what a message of statements answers, as it comes; a script needs nothing of it. */
export interface AnswerSink {
  /** The columns of the rows that follow: their names, and the oids of their types. */
  fields(columns: {name: string; type: number}[]): void
  /** A row as text, as the server writes it. */
  row(values: (string | null)[]): void
  /** What follows is the data of COPY … TO STDOUT. */
  copyBegins(): void
  /** A part of what COPY … TO STDOUT sends. */
  copyData(chunk: Buffer): void
  /** A statement is done. */
  tag(tag: string): void
}

/** What the server answered to a message of statements. */
export interface Answer {
  /** The command tags in their order, `INSERT 0 1`; one a statement. */
  tags: string[]
  /** Set where the server waits for the data of the last statement, a COPY. */
  copy?: CopyIn
}

/** The data of one COPY … FROM STDIN on its way to the server. */
export interface CopyIn {
  /** Sends a part of the data; resolves when the socket takes more. Rejects with what the server refused. */
  write(chunk: Buffer): Promise<void>
  /** Says that the data is complete; resolves with the tags of the whole message. */
  end(): Promise<string[]>
  /** Gives the COPY up, for this reason; resolves when the server has undone it. */
  fail(reason: string): Promise<void>
}

/** What went wrong in a message of statements, and how many of them had been done. */
export class StatementsError extends Error {
  constructor(
    readonly error: unknown,
    readonly completed: number,
  ) {
    super('a statement failed', {cause: error})
  }
}

/** What a server takes in one message (MaxAllocSize of memutils.h), without the length and the final NUL. */
const messageLimit = 0x3fffffff - 5

/**
 * Sends statements as one simple query, whose answers `sink` is told. The last one may be a COPY … FROM STDIN.
 * @throws StatementsError
 */
export function sendStatements(client: PostgresClient, text: Buffer, sink?: AnswerSink): Promise<Answer> {
  if (text.length > messageLimit) return Promise.reject(new StatementsError(tooLarge(), 0))
  const exchange = new Exchange(text, sink)
  client.query(exchange)
  return exchange.answer
}

/** Whether the session is in a transaction block, as the server said last. */
export function inTransaction(client: PostgresClient): boolean {
  return client.getTransactionStatus() !== 'I'
}

function tooLarge(): SqlError {
  return new SqlError('A statement is larger than the 1 GB that a server takes in one message.', {
    code: '54000',
    next: ['Cut it into several statements, or load the data by COPY.'],
  })
}

function message(type: string, length: number): Buffer {
  const header = Buffer.allocUnsafe(5)
  header.write(type, 'latin1')
  header.writeInt32BE(length + 4, 1)
  return header
}

/** One simple query under way; pg calls its handle methods. */
class Exchange implements Submittable, CopyIn {
  readonly answer: Promise<Answer>
  private readonly tags: string[] = []
  private readonly done: Promise<string[]>
  private settle!: {
    answer: (answer: Answer) => void
    refuse: (error: unknown) => void
    done: (tags: string[]) => void
    fail: (error: unknown) => void
  }
  private error: StatementsError | undefined
  private stream!: Duplex
  /** pg passes the data of a COPY on to a query, but not that it begins: it may have no rows. */
  private readonly onCopyOut = (): void => this.sink?.copyBegins()
  private forget = (): unknown => undefined

  constructor(
    private readonly text: Buffer,
    private readonly sink: AnswerSink | undefined,
  ) {
    let answer!: (answer: Answer) => void
    let refuse!: (error: unknown) => void
    let done!: (tags: string[]) => void
    let fail!: (error: unknown) => void
    this.answer = new Promise((resolve, reject) => ([answer, refuse] = [resolve, reject]))
    this.done = new Promise((resolve, reject) => ([done, fail] = [resolve, reject]))
    this.done.catch(() => undefined)
    this.settle = {answer, refuse, done, fail}
  }

  submit(connection: Connection): void {
    this.stream = connection.stream
    if (this.sink) connection.on('copyOutResponse', this.onCopyOut)
    this.forget = () => connection.off('copyOutResponse', this.onCopyOut)
    this.send(message('Q', this.text.length + 1), this.text, Buffer.of(0))
  }

  handleCommandComplete({text}: {text: string}): void {
    this.tags.push(text)
    this.sink?.tag(text)
  }

  handleCopyInResponse(): void {
    this.settle.answer({tags: this.tags, copy: this})
  }

  handleError(error: unknown): void {
    this.forget()
    this.error ??= new StatementsError(error, this.tags.length)
    this.settle.refuse(this.error)
    this.settle.fail(this.error)
  }

  handleReadyForQuery(): void {
    this.forget()
    this.settle.answer({tags: this.tags})
    this.settle.done(this.tags)
  }

  handleRowDescription({fields}: {fields: {name: string; dataTypeID: number}[]}): void {
    this.sink?.fields(fields.map(({name, dataTypeID}) => ({name, type: dataTypeID})))
  }

  handleDataRow({fields}: {fields: (string | null)[]}): void {
    this.sink?.row(fields)
  }

  handleCopyData({chunk}: {chunk: Buffer}): void {
    this.sink?.copyData(chunk)
  }

  handleEmptyQuery(): void {}

  async write(chunk: Buffer): Promise<void> {
    if (this.error) throw this.error
    if (this.send(message('d', chunk.length), chunk)) return
    await Promise.race([once(this.stream, 'drain'), this.done])
  }

  end(): Promise<string[]> {
    if (!this.error) this.send(message('c', 0))
    return this.done
  }

  async fail(reason: string): Promise<void> {
    const text = Buffer.from(`${reason}\0`)
    if (!this.error) this.send(message('f', text.length), text)
    await this.done.catch(() => undefined)
  }

  /** Writes the parts as one; false where the socket is full. */
  private send(...parts: Buffer[]): boolean {
    const {stream} = this
    if (!stream.writable) return true
    stream.cork()
    let free = true
    for (const part of parts) free = stream.write(part)
    stream.uncork()
    return free
  }
}
