import {setTimeout as sleep} from 'node:timers/promises'
import type {OperationContext} from '../access/context.js'
import {protectionOfSessions} from '../access/guard.js'
import {CruddurError, StateError} from '../errors.js'
import type {Session} from '../postgres/catalog/session.js'
import {readDatabaseSize, readServerLoad, type ServerLoad} from '../postgres/catalog/server-load.js'
import {readQuery, readSessions, type SessionOverview} from '../postgres/catalog/sessions.js'
import {dropConnection, withClient} from '../postgres/connect/client.js'
import {mayPassInTime, sqlState} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {Protection} from '../targets/protection.js'
import {endChosen, type KilledSession} from './kill.js'

export interface WatchOptions {
  /** Seconds between two updates. */
  interval: number
  /** Called after each update. `protection` is the reason why ending a session must be confirmed. */
  onOverview: (overview: SessionOverview, protection: Protection | undefined, load: ServerLoad | undefined) => void
  /** Called each time the server cannot be reached. */
  onLost: (failure: CruddurError) => void
}

/** The number of characters of each query that the list needs. */
const queryLength = 500
/** The server cancels an update after the first time; if it does not answer, we close the connection after the second. */
const statementTimeoutMs = 5000
const silenceMs = 8000
/** Ending a session takes longer, because it waits for the session to end. */
const endingMs = 15_000
const firstPauseMs = 200
const maxReconnectPauseMs = 3000
const leaveTimeoutMs = 300
/** The server looks at each file of the database for it. */
const sizeEveryMs = 30_000

/**
 * Reads the sessions of a server repeatedly over one connection, and reconnects if the connection is lost. Queries run one
 * after the other.
 */
export class SessionWatcher {
  interval: number
  paused = false
  #client?: PostgresClient
  #protection?: Protection
  #wake = (): void => undefined
  #turn: Promise<unknown> = Promise.resolve()
  #connectedBefore = false
  #size: {bytes?: number | undefined; next: number} = {next: 0}

  constructor(
    private readonly options: WatchOptions,
    private readonly context: OperationContext,
  ) {
    this.interval = options.interval
  }

  /**
   * Runs until the context's signal aborts. It fails if the first connection fails; after that it reconnects.
   * @throws ConnectionError, StateError, SqlError
   */
  async run(): Promise<void> {
    const {
      target: {url},
      signal,
    } = this.context
    for (let pause = firstPauseMs; !signal.aborted; pause = Math.min(pause * 1.5, maxReconnectPauseMs)) {
      try {
        await withClient(url, {signal, onAbort: 'keep'}, (client) => {
          pause = firstPauseMs
          return this.#lookOn(client)
        })
      } catch (error) {
        if (signal.aborted) return
        if (!this.#connectedBefore || !(error instanceof CruddurError) || !passes(error)) throw error
        this.options.onLost(error)
      } finally {
        this.#client = undefined
      }

      await sleep(pause, undefined, {signal}).catch(() => undefined)
    }
  }

  /** Updates at once. */
  refresh(): void {
    this.#wake()
  }

  /**
   * Ends a session, or cancels its query, after the guard.
   * @throws RefusedError (`not_confirmed`), StateError (`not_connected`)
   */
  async end(session: Session, {cancel}: {cancel: boolean}): Promise<KilledSession> {
    const {target, authorize} = this.context
    const protection = await this.#ask((client) => protectionOfSessions(client, [session], this.context))
    // The user may take long to confirm, and the list must be updated meanwhile.
    if (protection !== undefined)
      await authorize({target, protection, sessions: [session], effect: {kind: 'sessions:kill', count: 1, cancel}})
    const [ended] = await this.#ask((client) => endChosen(client, [session], {cancel, unchanged: false}), endingMs)
    if (ended === undefined) throw new TypeError('the session has no outcome')
    this.refresh()
    return ended
  }

  /** Reads the whole query of a session. */
  async query(session: Session): Promise<string | undefined> {
    return this.#ask((client) => readQuery(client, session))
  }

  async #lookOn(client: PostgresClient): Promise<void> {
    const {signal} = this.context
    // If the server does not answer, the connection cannot be closed normally.
    const leave = (): void => {
      this.#wake()
      setTimeout(() => dropConnection(client), leaveTimeoutMs).unref()
    }
    signal.addEventListener('abort', leave, {once: true})
    try {
      this.#client = client
      await this.#ask(() => client.query(`set statement_timeout = ${statementTimeoutMs}`))
      this.#protection = await this.#ask(() => protectionOfSessions(client, [], this.context))
      while (!signal.aborted) {
        if (!this.paused)
          this.options.onOverview(
            await this.#ask(() => readSessions(client, {queryLength})),
            this.#protection,
            await this.#ask(() => this.#load(client)),
          )
        this.#connectedBefore = true
        await this.#rest()
      }
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  async #load(client: PostgresClient): Promise<ServerLoad | undefined> {
    const load = await readServerLoad(client)
    if (performance.now() >= this.#size.next)
      this.#size = {bytes: await readDatabaseSize(client), next: performance.now() + sizeEveryMs}
    return load && {...load, bytes: this.#size.bytes}
  }

  async #rest(): Promise<void> {
    const {promise, resolve} = withResolvers()
    const timer = setTimeout(resolve, this.interval * 1000)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
  }

  async #ask<T>(question: (client: PostgresClient) => Promise<T>, patience = silenceMs): Promise<T> {
    const answer = this.#turn.then(async () => {
      const client = this.#client
      if (client === undefined)
        throw new StateError('There is no connection to the server at the moment. Nothing was changed.', {
          code: 'not_connected',
        })
      const timer = setTimeout(() => dropConnection(client), patience)
      try {
        return await question(client)
      } finally {
        clearTimeout(timer)
      }
    })
    this.#turn = answer.catch(() => undefined)
    return answer
  }
}

/** Whether to reconnect: the server is lost or starting, or too slow at the moment. */
function passes(error: CruddurError): boolean {
  return mayPassInTime(error) || error.code === sqlState.queryCanceled
}

/** A replacement for Promise.withResolvers, which Node 20 does not have. */
function withResolvers(): {promise: Promise<void>; resolve: () => void} {
  let resolve = (): void => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return {promise, resolve}
}
