import type {Duplex} from 'node:stream'
import {setTimeout as delay} from 'node:timers/promises'
import type {Connection, Submittable} from 'pg'
import type {PostgresClient} from '../connect/postgres-client.js'

/**
 * Receives rows in COPY's text format, in parts of any size. A promise means that no more is read until it is settled. The
 * receiver may keep the part.
 */
export type TakeRows = (rows: Buffer) => Promise<void> | undefined

/**
 * Runs a COPY … TO STDOUT. pg makes an object of each row, which takes longer than the server needs for it, so the rows are
 * taken off the stream before pg sees it.
 * @returns the number of rows
 * @throws the server's error, the error of the connection, or that of `take`, after which the connection is closed
 */
export function copyOut(client: PostgresClient, statement: string, take: TakeRows): Promise<number> {
  const copy = new CopyOut(statement, take)
  client.query(copy)
  return copy.answer
}

/**
 * A server sends 8 kB at a time, and would be interrupted by our reading each of them. After a small part we let the kernel
 * collect some.
 */
const fewBytes = 32 * 1024
const napMilliseconds = 1

/** A stream whose events can be taken. */
type Emitting = Omit<Duplex, 'emit'> & {emit: (event: string, ...args: unknown[]) => boolean}

/** One COPY in progress; pg calls its handle methods. */
class CopyOut implements Submittable {
  readonly answer: Promise<number>
  private rows = 0
  private restore = (): void => undefined
  private resolve!: (rows: number) => void
  private reject!: (error: unknown) => void
  private failed = false
  /** Set while the last part is being taken. */
  private taking: Promise<void> | undefined

  constructor(
    private readonly statement: string,
    private readonly take: TakeRows,
  ) {
    this.answer = new Promise((resolve, reject) => ([this.resolve, this.reject] = [resolve, reject]))
  }

  submit(connection: Connection): void {
    const stream: Emitting = connection.stream
    const {emit} = stream
    const filter = new RowFilter()
    const receive = (chunk: Buffer): void => {
      const {rows, others} = filter.read(chunk)
      if (rows.length > 0 && !this.failed) this.pass(stream, rows, others.length > 0)
      for (const other of others) emit.call(stream, 'data', other)
    }
    stream.emit = (event, ...args) => {
      if (event !== 'data') return emit.call(stream, event, ...args)
      receive(args[0] as Buffer)
      return true
    }
    this.restore = () => (stream.emit = emit)
    connection.query(this.statement)
  }

  /** Does not wait without need, because most parts are taken at once. */
  private pass(stream: Emitting, rows: Buffer, isEnd: boolean): void {
    const fail = (error: unknown): void => {
      this.failed = true
      this.reject(error)
      stream.destroy()
    }
    try {
      this.taking = this.take(rows) ?? (rows.length < fewBytes && !isEnd ? delay(napMilliseconds) : undefined)
      if (this.taking === undefined) return
      stream.pause()
      this.taking.then(() => stream.resume(), fail)
    } catch (error) {
      fail(error)
    }
  }

  handleCommandComplete({text}: {text: string}): void {
    this.rows = Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0)
  }

  handleError(error: unknown): void {
    this.reject(error)
  }

  handleReadyForQuery(): void {
    this.restore()
    void Promise.resolve(this.taking).then(() => this.resolve(this.rows), this.reject)
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
}

const copyData = 'd'.charCodeAt(0)
const headerBytes = 5

/** Separates the data of COPY from the other messages of a server. */
class RowFilter {
  /** How many bytes of the current message are still to come. */
  private missing = 0
  private isRow = false
  /** The beginning of a header that is split by the end of a chunk. */
  private header = Buffer.alloc(0)

  /** Moves the rows together within `chunk`, which is not used by anything else. */
  read(chunk: Buffer): {rows: Buffer; others: Buffer[]} {
    const others: Buffer[] = []
    const end = chunk.length
    let kept = 0
    let at = this.beginSplit(chunk, others)
    while (at < end) {
      if (this.missing === 0) {
        if (end - at < headerBytes) {
          this.header = Buffer.from(chunk.subarray(at))
          break
        }
        this.begin(chunk, at, others)
        at += headerBytes
      }
      const length = Math.min(this.missing, end - at)
      if (this.isRow) {
        chunk.copyWithin(kept, at, at + length)
        kept += length
      } else if (length > 0) others.push(Buffer.from(chunk.subarray(at, at + length)))
      this.missing -= length
      at += length
    }
    return {rows: chunk.subarray(0, kept), others}
  }

  /** Completes a header that began in the chunk before. Returns the position after it. */
  private beginSplit(chunk: Buffer, others: Buffer[]): number {
    const had = this.header.length
    if (had === 0) return 0
    this.header = Buffer.concat([this.header, chunk.subarray(0, headerBytes - had)])
    if (this.header.length < headerBytes) return chunk.length
    this.begin(this.header, 0, others)
    this.header = Buffer.alloc(0)
    return headerBytes - had
  }

  private begin(bytes: Buffer, at: number, others: Buffer[]): void {
    const length = bytes.readUInt32BE(at + 1)
    this.isRow = bytes[at] === copyData && length >= 4
    this.missing = Math.max(0, length - 4)
    if (!this.isRow) others.push(Buffer.from(bytes.subarray(at, at + headerBytes)))
  }
}
