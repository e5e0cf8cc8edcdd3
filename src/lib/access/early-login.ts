import {close, connect, type Connected} from '../postgres/connect/client.js'
import type {ConnectionUrl} from '../targets/connection-url.js'

/** From Postgres 15 on no database of the server can be dropped while a login waits (WaitForProcSignalBarrier). */
const mostSeconds = 2

/**
 * A login that is begun while its database is still being made, and held before its last message: only then does the
 * server look for the database and read its settings (InitPostgres of postinit.c). Over a network that takes all round
 * trips but one off the time that is waited for.
 *
 * It is a head start and no more: where the server asks for no password there is nothing to hold, and one that is held
 * for long is given up. Then {@link finish} gives nothing, and the caller connects as ever.
 */
export class EarlyLogin {
  readonly #given = new AbortController()
  readonly #connecting: Promise<Connected | undefined>
  #released = false
  #release!: () => void

  constructor(url: ConnectionUrl, signal: AbortSignal) {
    const held = new Promise<void>((resolve) => (this.#release = resolve))
    const options = {signal: AbortSignal.any([signal, this.#given.signal]), held, seconds: mostSeconds}
    this.#connecting = connect(url, options).then(
      (connected) => this.#checked(connected),
      () => undefined,
    )
  }

  /** Sends what was held; undefined where there is no session. */
  async finish(): Promise<Connected | undefined> {
    this.#released = true
    this.#release()
    return this.#connecting
  }

  /** A session that could not be held has read the settings too early. */
  async #checked(connected: Connected): Promise<Connected | undefined> {
    if (this.#released) return connected
    await close(connected.client)
    return undefined
  }

  /** Closes what nobody has taken; to be called before a database is dropped. */
  abandon(): void {
    this.#given.abort()
  }
}
