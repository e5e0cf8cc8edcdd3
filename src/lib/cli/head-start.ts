import {setTimeout as sleep} from 'node:timers/promises'
import {findTarget} from '../access/open-target.js'
import {close, connect, type Connected} from '../postgres/connect/client.js'
import {maintenanceUrl} from '../postgres/connect/maintenance.js'
import {localName, type Target} from '../targets/target.js'
import {plainArguments} from './command-line.js'
import type {ListedCommand} from './manifest.js'

/** Of the event loop, of a millisecond or longer. */
const mostTurns = 12
const farewellMs = 300

/**
 * A connection that is begun before oclif is loaded, which takes as long as the server takes to let us in. Nothing
 * depends on it: the command opens its target and connects as ever, and finds both done.
 */
class HeadStart {
  readonly #given = new AbortController()
  #name: string | undefined
  #target: Promise<Target | undefined> = Promise.resolve(undefined)
  #connected: Promise<Connected | undefined> = Promise.resolve(undefined)

  /**
   * For a command that connects to its target first of all, where the line has but the target and switches. Resolves when
   * the rest is the server's, or takes longer than from a server nearby.
   */
  async begin(argv: readonly string[], command: ListedCommand): Promise<void> {
    const {connectsFirst} = command
    const words = connectsFirst && plainArguments(argv, command)
    // Before the security group is opened, nothing would answer.
    if (words === undefined || argv.includes('--open-sg')) return
    const name = words[0]?.toLowerCase() ?? localName
    this.#name = name
    // What is wrong with a target is told when the command opens it.
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

  /** The target of that name, if it was found. */
  async target(name: string): Promise<Target | undefined> {
    return name === this.#name ? this.#target : undefined
  }

  /**
   * The connection to the target, or why there is none; once, and until `signal` aborts.
   * @throws ConnectionError, StateError, ConfigurationError, InterruptedError
   */
  async finish(signal: AbortSignal): Promise<Connected | undefined> {
    signal.addEventListener('abort', () => this.#given.abort(signal.reason), {once: true})
    return this.#take()
  }

  /** Closes what no one has taken: in order where the server lets us in soon, or it would count a lost session. */
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

/** Of this process. */
export const headStart = new HeadStart()
