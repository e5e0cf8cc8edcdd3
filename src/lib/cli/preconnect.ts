import {setTimeout as sleep} from 'node:timers/promises'
import {findTarget} from '../access/open-target.js'
import {Preconnection} from '../access/preconnection.js'
import type {Connected} from '../postgres/connect/attempt.js'
import {maintenanceUrl} from '../postgres/connect/maintenance.js'
import {localName, type Target} from '../targets/target.js'
import {plainArguments} from './command-line.js'
import type {ListedCommand} from './manifest.js'
import {surroundings} from './surroundings.js'

/** At most this many 1 ms waits for the server. */
const maxWaits = 12

/**
 * Starts to connect before oclif is loaded, because both take about the same time. The command opens its target and
 * connects as usual, and uses this connection if there is one.
 */
class CommandPreconnection {
  #name: string | undefined
  #target: Promise<Target | undefined> = Promise.resolve(undefined)
  #connection: Promise<Preconnection | undefined> = Promise.resolve(undefined)

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
    this.#target = this.#find(name).catch(() => undefined)
    let waits = true
    const stopWaiting = (): void => void (waits = false)
    this.#connection = this.#target.then((target) => {
      if (target === undefined) return undefined
      const url = connectsFirst === 'target' ? target.url : maintenanceUrl(target.url)
      return new Preconnection(url, {onProof: stopWaiting})
    })
    this.#connection.then((connection) => connection?.settled).then(stopWaiting, stopWaiting)
    for (let count = 0; count < maxWaits && waits; count += 1) await sleep(1)
  }

  async #find(name: string): Promise<Target | undefined> {
    return findTarget({name, ...surroundings()})
  }

  /** The target, if `name` is the one that was looked up. */
  async target(name: string): Promise<Target | undefined> {
    return name === this.#name ? this.#target : undefined
  }

  /** {@link Preconnection.finish} */
  async finish(signal: AbortSignal): Promise<Connected | undefined> {
    return (await this.#connection)?.finish(signal)
  }

  /** {@link Preconnection.abandon} */
  async abandon(): Promise<void> {
    await (await this.#connection)?.abandon()
  }
}

/** The one of this process. */
export const commandPreconnection = new CommandPreconnection()
