const headerBytes = 5
const terminate = 'X'.charCodeAt(0)

/**
 * Collects the messages of a client that sends one query after another. libpq sends a long one in several parts
 * (https://www.postgresql.org/docs/current/protocol-message-formats.html).
 */
export class FrontendMessages {
  #pending = Buffer.alloc(0)

  /** Returns the query once it is complete; undefined if more is to come, or if the client says good-bye. */
  push(bytes: Uint8Array): Buffer | undefined {
    const pending = Buffer.concat([this.#pending, bytes])
    const whole = pending.length >= headerBytes && pending.length >= 1 + pending.readInt32BE(1)
    this.#pending = whole ? Buffer.alloc(0) : pending
    return whole && pending[0] !== terminate ? pending : undefined
  }
}
