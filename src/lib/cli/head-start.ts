import {setTimeout as sleep} from 'node:timers/promises'
import {findTarget} from '../access/open-target.js'
import {close, connect, type Connected} from '../postgres/connect/client.js'
import {maintenanceUrl} from '../postgres/connect/maintenance.js'
import {localName, type Target} from '../targets/target.js'
import {plainArguments} from './command-line.js'
import type {ListedCommand} from './manifest.js'

/** At most this many 1 ms waits for the server. */
const mostTurns = 12
const farewellMs = 300

/**
 * Starts to connect before oclif is loaded, because both take about the same time. The command opens its target and
 * connects as usual, and uses this connection if there is one.
 */
class HeadStart {
  readonly #given = new AbortController()
  #name: string | undefined
  #target: Promise<Target | undefined> = Promise.resolve(undefined)
  #connected: Promise<Connected | undefined> = Promise.resolve(undefined)

  /**
   * Starts to connect, if the command connects first and its arguments can be read without oclif. Resolves when only the
   * server's answer is missing, or when that takes longer than from a nearby server.
   */
  async begin(argv: readonly string[], command: ListedCommand): Promise<void> {
    const {connectsFirst} = command
    const words = connectsFirst && plainArguments(argv, command)
    // With --open-sg the server may not be reachable before the rule is set.
    if (words === undefined || argv.includes('--open-sg')) return
    const name = words[0]?.toLowerCase() ?? localName
    this.#name = name
    // The command reports errors in the target when it opens it.
    this.#target = findTarget({name, env: process.env, cwd: process.cwd()}).catch(() => undefined)
    let ours = true
    const theirs = (): void => void (ours = false)
    this.#connected = this.#target.then(
      (target) =>
        target &&
        connect(connectsFirst === 'target' ? target.url : maintenanceUrl(target.url), {
          signal: this.#given.signal,
          onProof: theirs,
        }),
    )
    this.#connected.then(theirs, theirs)
    for (let turn = 0; turn < mostTurns && ours; turn += 1) await sleep(1)
  }

  /** The target, if `name` is the one that was looked up. */
  async target(name: string): Promise<Target | undefined> {
    return name === this.#name ? this.#target : undefined
  }

  /**
   * Hands over the connection, or throws the reason why there is none. It can be taken once.
   * @throws ConnectionError, StateError, ConfigurationError, InterruptedError
   */
  async finish(signal: AbortSignal): Promise<Connected | undefined> {
    signal.addEventListener('abort', () => this.#given.abort(signal.reason), {once: true})
    return this.#take()
  }

  /** Closes an unused connection. It waits a moment for the login, because the server counts an aborted one as a lost session. */
  async abandon(): Promise<void> {
    const overdue = setTimeout(() => this.#given.abort(), farewellMs)
    const connected = await this.#take().catch(() => undefined)
    clearTimeout(overdue)
    if (connected !== undefined) await close(connected.client)
  }

  #take(): Promise<Connected | undefined> {
    const connected = this.#connected
    this.#connected = Promise.resolve(undefined)
    return connected
  }
}

export const headStart = new HeadStart()
