import type {Duplex} from 'node:stream'
import {ConnectionError} from '../../errors.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import {authenticationUnsupported} from './failures.js'

/** The messages of a server (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const messageTypes = new Set([...'RSKZTDCIENA123nstGHWdcvV'].map((type) => type.charCodeAt(0)))
const readyForQuery = 'Z'.charCodeAt(0)
const headerBytes = 5
/** The longest text in V8. pg cannot read a longer message, and would collect it in memory first. */
const maxServerMessageBytes = 0x1fffffe8
/** The longest answer to a query of ours, which is held in memory. Scripts and the shell read theirs as it arrives. */
const maxAnswerBytes = 256 * 1024 * 1024
const maxAnswerMessages = 1_000_000

const guards = new WeakMap<Duplex, StreamGuard>()

/** Allows or forbids longer answers on a stream; they are allowed where they are not held in memory. */
export function allowLongAnswers(stream: Duplex, allowed: boolean): void {
  const guard = guards.get(stream)
  if (guard !== undefined) guard.unlimited = allowed
}

/**
 * Stands between the socket and pg, and closes the connection if the other side sends what no Postgres server sends: pg
 * throws then where no one can catch it, waits for the rest of a message that never comes, or fills the memory.
 */
export class StreamGuard {
  unlimited = false
  #loggedIn = false
  #failed = false
  #answerBytes = 0
  #answerMessages = 0
  /** How many bytes of the current message are still to come. */
  #missing = 0
  #header = Buffer.alloc(0)

  constructor(
    private readonly stream: Duplex,
    private readonly server: HostAndPort,
  ) {
    guards.set(stream, this)
    const emit = stream.emit.bind(stream) as (event: string, ...args: unknown[]) => boolean
    stream.emit = (event: string, ...args: unknown[]) => {
      if (event === 'data' && !this.#accepts(args[0] as Buffer)) return true
      try {
        return emit(event, ...args)
      } catch (error) {
        this.#fail(
          this.#loggedIn ? this.#violation('a message that cannot be read', error) : authenticationUnsupported(error),
        )
        return true
      }
    }
  }

  /** From now on, what cannot be read is no unknown kind of authentication. */
  loggedIn(): void {
    this.#loggedIn = true
  }

  #accepts(chunk: Buffer): boolean {
    if (this.#failed) return false
    this.#answerBytes += chunk.length
    let rest = chunk
    while (rest.length > 0) {
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, rest.length)
        this.#missing -= taken
        rest = rest.subarray(taken)
        continue
      }

      const had = this.#header.length
      const header = had === 0 ? rest : Buffer.concat([this.#header, rest.subarray(0, headerBytes - had)])
      if (header.length < headerBytes) {
        this.#header = Buffer.from(header)
        break
      }

      const problem = this.#readHeader(header)
      if (problem !== undefined) return this.#fail(this.#violation(problem))
      this.#header = Buffer.alloc(0)
      rest = rest.subarray(headerBytes - had)
    }

    if (this.unlimited) return true
    if (this.#answerBytes <= maxAnswerBytes && this.#answerMessages <= maxAnswerMessages) return true
    return this.#fail(this.#violation('an answer without end'))
  }

  /** Returns what is wrong with the message. */
  #readHeader(header: Buffer): string | undefined {
    const [type] = header
    const bytes = header.readUInt32BE(1)
    if (type === undefined || !messageTypes.has(type) || bytes < 4) return 'a message that no Postgres server sends'
    if (bytes > maxServerMessageBytes) return `a message of ${Math.round(bytes / 1e6)} MB`
    this.#missing = bytes - 4
    this.#answerMessages += 1
    if (type === readyForQuery) this.#answerBytes = this.#answerMessages = 0
    return undefined
  }

  #violation(what: string, cause?: unknown): ConnectionError {
    const {host, port} = this.server
    return new ConnectionError(`${host}:${port} sent ${what}. The connection was closed.`, {
      code: 'protocol_violation',
      next: ['Check that nothing between this machine and the server changes the data, and the log of the server.'],
      details: {host, port},
      cause,
    })
  }

  #fail(error: ConnectionError): false {
    this.#failed = true
    this.stream.destroy(error)
    return false
  }
}
