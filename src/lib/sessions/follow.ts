import {setTimeout as sleep} from 'node:timers/promises'
import type {OperationContext} from '../access/context.js'
import {protectionOfSessions} from '../access/guard.js'
import {CruddurError, StateError} from '../errors.js'
import type {Session} from '../postgres/catalog/session.js'
import {readQuery, readSessions, type SessionOverview} from '../postgres/catalog/sessions.js'
import {dropConnection, withClient} from '../postgres/connect/client.js'
import {mayPassInTime, sqlState} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {Protection} from '../targets/protection.js'
import {endChosen, type KilledSession} from './kill.js'

/** What {@link SessionWatcher} takes. */
export interface WatchOptions {
  /** Seconds between two looks. */
  interval: number
  /** Told of each look; `protection` is why ending a session must be confirmed. */
  onOverview: (overview: SessionOverview, protection: Protection | undefined) => void
  /** Told that the server is lost, each time that it cannot be reached again. */
  onLost: (failure: CruddurError) => void
}

/** So much of each query is fetched for a list, in characters. */
const queryLength = 500
/** A look that takes longer than this is given up by the server; one that is not answered then either, by us. */
const statementTimeoutMs = 5000
const silenceMs = 8000
/** Ending a session waits until it has ended. */
const endingMs = 15_000
const firstPauseMs = 200
const longestPauseMs = 3000
const farewellMs = 300

/**
 * Looks at a server's sessions again and again over one connection, and waits for a server that was lost. Questions are
 * put one at a time.
 */
export class SessionWatcher {
  interval: number
  paused = false
  #client?: PostgresClient
  #protection?: Protection
  #wake = (): void => undefined
  #turn: Promise<unknown> = Promise.resolve()
  #connectedBefore = false

  constructor(
    private readonly options: WatchOptions,
    private readonly context: OperationContext,
  ) {
    this.interval = options.interval
  }

  /**
   * Runs until the context's signal aborts. A server that cannot be reached at first is an error; later it is waited for.
   * @throws ConnectionError, StateError, SqlError
   */
  async run(): Promise<void> {
    const {
      target: {url},
      signal,
    } = this.context
    for (let pause = firstPauseMs; !signal.aborted; pause = Math.min(pause * 1.5, longestPauseMs)) {
      try {
        await withClient(url, {signal, outlivesAbort: true}, (client) => {
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

  /** Looks at once. */
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
    // The question may stay open for long, and the list goes on meanwhile.
    if (protection !== undefined)
      await authorize({target, protection, sessions: [session], effect: {kind: 'sessions:kill', count: 1, cancel}})
    const [ended] = await this.#ask((client) => endChosen(client, [session], {cancel, unchanged: false}), endingMs)
    if (ended === undefined) throw new TypeError('a session that was to be ended has no outcome')
    this.refresh()
    return ended
  }

  /** All that the server keeps of a session's query. */
  async query(session: Session): Promise<string | undefined> {
    return this.#ask((client) => readQuery(client, session))
  }

  async #lookOn(client: PostgresClient): Promise<void> {
    const {signal} = this.context
    // A server that says nothing would keep us from closing the connection in order.
    const leave = (): void => {
      this.#wake()
      setTimeout(() => dropConnection(client), farewellMs).unref()
    }
    signal.addEventListener('abort', leave, {once: true})
    try {
      this.#client = client
      await this.#ask(() => client.query(`set statement_timeout = ${statementTimeoutMs}`))
      this.#protection = await this.#ask(() => protectionOfSessions(client, [], this.context))
      while (!signal.aborted) {
        if (!this.paused)
          this.options.onOverview(await this.#ask(() => readSessions(client, {queryLength})), this.#protection)
        this.#connectedBefore = true
        await this.#rest()
      }
    } finally {
      signal.removeEventListener('abort', leave)
    }
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
        throw new StateError('There is no connection to the server now.', {code: 'not_connected'})
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

/** Whether waiting may help: the server is lost or starts up, or takes too long to answer just now. */
function passes(error: CruddurError): boolean {
  return mayPassInTime(error) || error.code === sqlState.queryCanceled
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers(): {promise: Promise<void>; resolve: () => void} {
  let resolve = (): void => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return {promise, resolve}
}
