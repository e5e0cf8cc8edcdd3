import type {Connected} from '../postgres/connect/attempt.js'
import {connect} from '../postgres/connect/client.js'
import {close} from '../postgres/connect/close.js'
import type {ConnectionUrl} from '../targets/connection-url.js'

/** Since Postgres 15 no database can be dropped while a login is waiting (WaitForProcSignalBarrier). */
const maxHeldSeconds = 2
/** How long an unused login may take to end in order: the server counts an aborted one as a lost session. */
const closeTimeoutMs = 300

/** What {@link Preconnection} takes. */
export interface PreconnectionOptions {
  signal?: AbortSignal
  /**
   * Holds back the last message of the login until it is taken: only after it does the server look for the database
   * (InitPostgres in postinit.c), which may be created meanwhile. Over a network this saves all round trips but one.
   */
  hold?: boolean
  /** Called when the password, or what proves it, is sent. */
  onProof?: () => void
}

/** A connection that is started before it is needed. Nothing depends on it: without one the caller connects as usual. */
export class Preconnection {
  readonly #stop = new AbortController()
  #connected: Promise<Connected | undefined>
  #holds: boolean
  #release = (): void => undefined

  constructor(url: ConnectionUrl, {signal, hold = false, onProof}: PreconnectionOptions = {}) {
    this.#holds = hold
    const held = hold ? new Promise<void>((resolve) => (this.#release = resolve)) : undefined
    const either = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal])
    const connecting = connect(url, {signal: either, held, seconds: hold ? maxHeldSeconds : undefined, onProof})
    this.#connected = hold
      ? connecting.then(
          (connected) => this.#checked(connected),
          () => undefined,
        )
      : connecting
    this.#connected.catch(() => undefined)
  }

  /** Resolves or rejects as soon as the server has decided. */
  get settled(): Promise<unknown> {
    return this.#connected
  }

  /**
   * Hands over the connection, once; undefined if there is none. One that was not held rejects with the reason.
   * @throws ConnectionError, StateError, ConfigurationError, InterruptedError
   */
  async finish(signal?: AbortSignal): Promise<Connected | undefined> {
    signal?.addEventListener('abort', () => this.#stop.abort(signal.reason), {once: true})
    this.#holds = false
    this.#release()
    return this.#take()
  }

  /** Closes an unused connection. A held login has to be gone before a database is dropped, so it is not waited for. */
  async abandon(): Promise<void> {
    if (this.#holds) this.#stop.abort()
    const timeout = setTimeout(() => this.#stop.abort(), closeTimeoutMs)
    const connected = await this.#take().catch(() => undefined)
    clearTimeout(timeout)
    if (connected !== undefined) await close(connected.client)
  }

  /** Drops a session that could not be held back, because it has read the settings of the database too early. */
  async #checked(connected: Connected): Promise<Connected | undefined> {
    if (!this.#holds) return connected
    await close(connected.client)
    return undefined
  }

  #take(): Promise<Connected | undefined> {
    const connected = this.#connected
    this.#connected = Promise.resolve(undefined)
    return connected
  }
}
