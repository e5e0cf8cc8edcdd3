import {once} from 'node:events'
import type {Duplex} from 'node:stream'
import type {Connection, Submittable} from 'pg'
import {SqlError} from '../../errors.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {allowLongAnswers} from '../connect/stream-guard.js'

/**
 * Sends SQL scripts: many statements in one message, and COPY data in one message for each chunk. pg's own query takes a
 * string, which would be decoded and encoded again, and its COPY streams are slower than psql. The messages are the
 * protocol's simple query and copy-in (https://www.postgresql.org/docs/current/protocol-flow.html).
 */

/** Receives the answers to a message of statements as they arrive. Scripts do not need it. */
export interface AnswerSink {
  /** The names and type oids of the columns of the rows that follow. */
  fields(columns: {name: string; type: number}[]): void
  /** A row as the server's text. */
  row(values: (string | null)[]): void
  /** The data of COPY … TO STDOUT follows. */
  copyBegins(): void
  /** A chunk of COPY … TO STDOUT. */
  copyData(chunk: Buffer): void
  /** A statement is finished. */
  tag(tag: string): void
}

/** The answer to a message of statements. */
export interface ScriptAnswer {
  /** One command tag for each statement, for example `INSERT 0 1`. */
  tags: string[]
  /** Set if the last statement is a COPY and the server waits for its data. */
  copy?: CopyIn
}

/** A COPY … FROM STDIN that receives its data. */
export interface CopyIn {
  /** Sends a chunk; resolves when the socket can take more. Rejects with the server's error. */
  write(chunk: Buffer): Promise<void>
  /** Ends the data; resolves with the tags of the whole message. */
  end(): Promise<string[]>
  /** Cancels the COPY for this reason; resolves when the server has undone it. */
  fail(reason: string): Promise<void>
}

/** An error in a message of statements, with the number of statements that were finished before. */
export class StatementsError extends Error {
  constructor(
    readonly error: unknown,
    readonly completed: number,
  ) {
    super('a statement failed', {cause: error})
  }
}

/** The largest message of the server (MaxAllocSize in memutils.h), without the length and the final NUL. */
const messageLimit = 0x3fffffff - 5

/**
 * Sends statements as one simple query; `sink` receives the answers. The last statement may be a COPY … FROM STDIN.
 * @throws StatementsError
 */
export function sendStatements(client: PostgresClient, text: Buffer, sink?: AnswerSink): Promise<ScriptAnswer> {
  if (text.length > messageLimit) return Promise.reject(new StatementsError(tooLarge(), 0))
  const exchange = new ScriptExchange(text, sink)
  client.query(exchange)
  return exchange.answer
}

/** Whether the session is in a transaction block, according to the server's last answer. */
export function hasOpenTransaction(client: PostgresClient): boolean {
  return client.getTransactionStatus() !== 'I'
}

function tooLarge(): SqlError {
  return new SqlError('A statement is larger than 1 GB, the limit of one message to the server. It was not sent.', {
    code: '54000',
    next: ['Split it into several statements, or load the data with COPY.'],
  })
}

function message(type: string, length: number): Buffer {
  const header = Buffer.allocUnsafe(5)
  header.write(type, 'latin1')
  header.writeInt32BE(length + 4, 1)
  return header
}

/** One simple query in progress; pg calls its handle methods. */
class ScriptExchange implements Submittable, CopyIn {
  readonly answer: Promise<ScriptAnswer>
  private readonly tags: string[] = []
  private readonly done: Promise<string[]>
  private settle!: {
    answer: (answer: ScriptAnswer) => void
    refuse: (error: unknown) => void
    done: (tags: string[]) => void
    fail: (error: unknown) => void
  }
  private error: StatementsError | undefined
  private thrown: {error: unknown} | undefined
  private stream!: Duplex
  /** pg reports the data of a COPY but not its start, which matters if there are no rows. */
  private readonly onCopyOut = (): void => this.tell((sink) => sink.copyBegins())
  private forget = (): unknown => undefined

  constructor(
    private readonly text: Buffer,
    private readonly sink: AnswerSink | undefined,
  ) {
    let answer!: (answer: ScriptAnswer) => void
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
    allowLongAnswers(this.stream, true)
    if (this.sink) connection.on('copyOutResponse', this.onCopyOut)
    this.forget = () => {
      allowLongAnswers(this.stream, false)
      connection.off('copyOutResponse', this.onCopyOut)
    }
    this.send(message('Q', this.text.length + 1), this.text, Buffer.of(0))
  }

  handleCommandComplete({text}: {text: string}): void {
    this.tags.push(text)
    this.tell((sink) => sink.tag(text))
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
    if (this.thrown !== undefined) return void this.settle.refuse(this.thrown.error)
    this.settle.answer({tags: this.tags})
    this.settle.done(this.tags)
  }

  handleRowDescription({fields}: {fields: {name: string; dataTypeID: number}[]}): void {
    this.tell((sink) => sink.fields(fields.map(({name, dataTypeID}) => ({name, type: dataTypeID}))))
  }

  handleDataRow({fields}: {fields: (string | null)[]}): void {
    this.tell((sink) => sink.row(fields))
  }

  handleCopyData({chunk}: {chunk: Buffer}): void {
    this.tell((sink) => sink.copyData(chunk))
  }

  handleEmptyQuery(): void {}

  /** An error of the sink is ours. Thrown from here, it would be taken for one of the server's messages. */
  private tell(report: (sink: AnswerSink) => void): void {
    if (this.sink === undefined || this.thrown !== undefined) return
    try {
      report(this.sink)
    } catch (error) {
      this.thrown = {error}
    }
  }

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

  /** Writes the parts together. Returns false if the socket is full. */
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
