import type {Duplex} from 'node:stream'
import {setTimeout as delay} from 'node:timers/promises'
import type {Connection, Submittable} from 'pg'
import type {PostgresClient} from '../connect/postgres-client.js'

/** Takes the rows of one COPY after the other. A promise means that no more is read until it is settled. */
export interface CopyTaker {
  /** Rows in COPY's text format, in parts of any size, which may be kept. */
  take: (rows: Buffer) => Promise<void> | undefined
  /** One COPY is complete; the next part is of the one after it. */
  end: (rows: number) => Promise<void> | undefined
}

/**
 * Runs statements `COPY … TO STDOUT` in one message, so that a table does not take a round trip. pg makes an object of each
 * row, which takes longer than the server needs for it, so the rows are taken off the stream before pg sees it.
 * @throws the server's error, the error of the connection, or that of `taker`, after which the connection is closed
 */
export function copyOut(client: PostgresClient, statements: readonly string[], taker: CopyTaker): Promise<void> {
  if (statements.length === 0) return Promise.resolve()
  const copy = new CopyOut(statements.join(';\n'), taker)
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

/** One message of COPYs in progress; pg calls its handle methods. */
class CopyOut implements Submittable {
  readonly answer: Promise<void>
  private restore = (): void => undefined
  private resolve!: () => void
  private reject!: (error: unknown) => void
  /** The rows of a COPY whose end was not handed over yet. */
  private ended: number | undefined

  constructor(
    private readonly statements: string,
    private readonly taker: CopyTaker,
  ) {
    this.answer = new Promise((resolve, reject) => ([this.resolve, this.reject] = [resolve, reject]))
  }

  submit(connection: Connection): void {
    const stream: Emitting = connection.stream
    const {emit} = stream
    const filter = new RowFilter()
    stream.emit = (event, ...args) => {
      if (event !== 'data') return emit.call(stream, event, ...args)
      this.hand(filter.read(args[0] as Buffer), stream, (other) => emit.call(stream, 'data', other))
      return true
    }
    this.restore = () => (stream.emit = emit)
    connection.query(this.statements)
  }

  /** Hands everything over in order. Does not wait without need, because most parts are taken at once. */
  private hand(pieces: Piece[], stream: Emitting, pass: (other: Buffer) => void): void {
    const fail = (error: unknown): void => {
      this.reject(error)
      stream.destroy()
    }
    try {
      for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
        const taking = this.handOne(piece, pieces.length === 0, pass)
        if (taking === undefined) continue
        stream.pause()
        taking.then(() => this.hand(pieces, stream, pass)).catch(fail)
        return
      }
      if (stream.isPaused()) stream.resume()
    } catch (error) {
      fail(error)
    }
  }

  private handOne({isRows, bytes}: Piece, isLast: boolean, pass: (other: Buffer) => void): Promise<void> | undefined {
    if (isRows)
      return this.taker.take(bytes) ?? (isLast && bytes.length < fewBytes ? delay(napMilliseconds) : undefined)
    pass(bytes)
    const rows = this.ended
    this.ended = undefined
    return rows === undefined ? undefined : this.taker.end(rows)
  }

  handleCommandComplete({text}: {text: string}): void {
    this.ended = Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0)
  }

  handleError(error: unknown): void {
    this.reject(error)
  }

  /** Everything before it was taken. */
  handleReadyForQuery(): void {
    this.restore()
    this.resolve()
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
}

const copyData = 'd'.charCodeAt(0)
const headerBytes = 5

/** A part of the stream: rows, or other messages of the server. */
interface Piece {
  isRows: boolean
  bytes: Buffer
}

/** Separates the data of COPY from the other messages of a server. */
class RowFilter {
  /** How many bytes of the current message are still to come. */
  private missing = 0
  private isRow = false
  /** The beginning of a header that is split by the end of a chunk. */
  private header = Buffer.alloc(0)

  /** The rows between two other messages are moved together within `chunk`, which is not used by anything else. */
  read(chunk: Buffer): Piece[] {
    const pieces: Piece[] = []
    const end = chunk.length
    let [first, kept] = [0, 0]
    const other = (bytes: Buffer): void => {
      if (kept > first) pieces.push({isRows: true, bytes: chunk.subarray(first, kept)})
      first = kept
      pieces.push({isRows: false, bytes: Buffer.from(bytes)})
    }
    let at = this.beginSplit(chunk, other)
    while (at < end) {
      if (this.missing === 0) {
        if (end - at < headerBytes) {
          this.header = Buffer.from(chunk.subarray(at))
          break
        }
        this.begin(chunk, at, other)
        at += headerBytes
      }
      const length = Math.min(this.missing, end - at)
      if (this.isRow) {
        chunk.copyWithin(kept, at, at + length)
        kept += length
      } else if (length > 0) other(chunk.subarray(at, at + length))
      this.missing -= length
      at += length
    }
    if (kept > first) pieces.push({isRows: true, bytes: chunk.subarray(first, kept)})
    return pieces
  }

  /** Completes a header that began in the chunk before. Returns the position after it. */
  private beginSplit(chunk: Buffer, other: (bytes: Buffer) => void): number {
    const had = this.header.length
    if (had === 0) return 0
    this.header = Buffer.concat([this.header, chunk.subarray(0, headerBytes - had)])
    if (this.header.length < headerBytes) return chunk.length
    this.begin(this.header, 0, other)
    this.header = Buffer.alloc(0)
    return headerBytes - had
  }

  private begin(bytes: Buffer, at: number, other: (bytes: Buffer) => void): void {
    const length = bytes.readUInt32BE(at + 1)
    this.isRow = bytes[at] === copyData && length >= 4
    this.missing = Math.max(0, length - 4)
    if (!this.isRow) other(bytes.subarray(at, at + headerBytes))
  }
}
