import type {Duplex} from 'node:stream'
import {type Connection, DatabaseError, type Submittable} from 'pg'
import type {PostgresClient} from '../connect/postgres-client.js'

export interface RawAnswer {
  /** The messages of the server, up to ReadyForQuery. */
  answer: Buffer
  /** The error among them, if there is one. */
  error?: DatabaseError
}

/**
 * Sends a message as it is, for a client that speaks the protocol itself over our connection.
 * @throws the error of the connection, if it is lost before the answer is complete
 */
export function exchangeRaw(client: PostgresClient, message: Uint8Array): Promise<RawAnswer> {
  const exchange = new RawExchange(message)
  client.query(exchange)
  return exchange.answer
}

/** One simple query in progress; pg calls its handle methods. */
class RawExchange implements Submittable {
  readonly answer: Promise<RawAnswer>
  readonly #chunks: Buffer[] = []
  #error: DatabaseError | undefined
  #resolve!: (answer: RawAnswer) => void
  #reject!: (error: unknown) => void

  constructor(private readonly message: Uint8Array) {
    this.answer = new Promise((resolve, reject) => ([this.#resolve, this.#reject] = [resolve, reject]))
  }

  submit(connection: Connection): void {
    const stream: Duplex = connection.stream
    // A copy, because pg's parser moves bytes within a chunk that ends inside a message.
    const collect = (chunk: Buffer): void => void this.#chunks.push(Buffer.from(chunk))
    const forget = (): void => void stream.off('data', collect).off('close', lost)
    const lost = (): void => {
      forget()
      this.#reject(new Error('the connection was closed'))
    }
    // Before pg's own listener, in which the answer ends.
    stream.prependListener('data', collect).once('close', lost)
    connection.once('readyForQuery', () => {
      forget()
      this.#resolve({answer: Buffer.concat(this.#chunks), error: this.#error})
    })
    stream.write(this.message)
  }

  handleError(error: unknown): void {
    if (error instanceof DatabaseError) this.#error = error
    else this.#reject(error)
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handleReadyForQuery(): void {}
}
