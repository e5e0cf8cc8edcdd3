import {close, connect, type Connected} from '../postgres/connect/client.js'
import type {ConnectionUrl} from '../targets/connection-url.js'

/** Since Postgres 15 no database can be dropped while a login is waiting (WaitForProcSignalBarrier). */
const maxSeconds = 2

/**
 * Starts to log in while the database is still being created, and holds back the last message: only after it does the
 * server look for the database (InitPostgres in postinit.c). Over a network this saves all round trips but one.
 *
 * If the server asks for no password, or if the login is held for too long, {@link finish} returns nothing and the caller
 * connects as usual.
 */
export class EarlyLogin {
  readonly #given = new AbortController()
  readonly #connecting: Promise<Connected | undefined>
  #released = false
  #release!: () => void

  constructor(url: ConnectionUrl, signal: AbortSignal) {
    const held = new Promise<void>((resolve) => (this.#release = resolve))
    const options = {signal: AbortSignal.any([signal, this.#given.signal]), held, seconds: maxSeconds}
    this.#connecting = connect(url, options).then(
      (connected) => this.#checked(connected),
      () => undefined,
    )
  }

  /** Sends the last message; undefined if there is no session. */
  async finish(): Promise<Connected | undefined> {
    this.#released = true
    this.#release()
    return this.#connecting
  }

  /** Drops a session that could not be held back, because it has read the settings of the database too early. */
  async #checked(connected: Connected): Promise<Connected | undefined> {
    if (this.#released) return connected
    await close(connected.client)
    return undefined
  }

  /** Closes an unused login. Must be called before a database is dropped. */
  abandon(): void {
    this.#given.abort()
  }
}
