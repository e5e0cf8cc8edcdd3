import {setTimeout as delay} from 'node:timers/promises'
import {expect} from 'vitest'
import type {Proxy} from '../../support/proxy.js'
import {other} from './generations.js'
import type {Running, Stage} from './stage.js'

/** Whether the network stays away, which leaves nothing to ask what has become of a COMMIT; else it is back at once. */
export const isForGood = (moment: number): boolean => Math.floor(moment / 4) % 2 === 1

type Cut = (data: string, connection: number) => boolean

/** Cuts a setup's connections: at a time, behind any of its messages, behind the COMMIT of the swap, or of a file. */
export class Cuts {
  private readonly done = new Map<string, number>()

  private constructor(
    private readonly proxy: Proxy,
    /** The way through the proxy. */
    readonly url: string,
    private readonly messages: number,
    private readonly length: number,
  ) {}

  /** Runs a setup that is not cut, to see how long it takes and how often it writes. */
  static async of(stage: Stage, proxy: Proxy): Promise<Cuts> {
    const url = Object.assign(new URL(stage.url), {port: String(proxy.port)}).href
    let messages = 0
    proxy.cutBehind = () => ++messages < 0
    const start = performance.now()
    await stage.again({to: other(stage.now), flags: ['--force'], url})
    proxy.cutBehind = undefined
    return new Cuts(proxy, url, messages, performance.now() - start)
  }

  /** Waits for the end of the setup, and cuts it. */
  async strike(running: Running, moment: number, times: number): Promise<void> {
    const {proxy} = this
    const part = (moment + 0.5) / times
    const kinds: [string, Cut | undefined][] = [
      ['COMMIT of the swap', behindSwap()],
      ['message', behindMessage(Math.ceil(part * this.messages))],
      ['COMMIT of a file', behindFile(1 + (Math.floor(moment / 8) % 2))],
      ['time', undefined],
    ]
    const [kind, isMoment] = kinds[moment % kinds.length] ?? ['', undefined]
    let cut = false
    const now = (): void => {
      cut = true
      proxy.refusing = isForGood(moment)
    }
    proxy.cutBehind = (data, connection) => {
      if (cut || isMoment?.(data, connection) !== true) return false
      now()
      return true
    }
    if (isMoment === undefined) {
      await Promise.race([delay(1.1 * part * this.length), running])
      now()
      proxy.cut()
    }

    await running
    proxy.cutBehind = undefined
    proxy.refusing = false
    if (cut) this.done.set(kind, (this.done.get(kind) ?? 0) + 1)
  }

  /** Prints how often each kind was met, the swap's at least once. */
  print(): void {
    console.log(`Cut behind or at: ${[...this.done].map(([kind, times]) => `${kind} ${times} times`).join(', ')}`)
    expect(this.done.get('COMMIT of the swap')).toBeGreaterThan(0)
  }
}

const isCommit = (data: string): boolean => /\bcommit\b/i.test(data)

function behindSwap(): Cut {
  const renaming = new Set<number>()
  return (data, connection) => {
    if (/\brename to\b/i.test(data)) renaming.add(connection)
    return renaming.has(connection) && isCommit(data)
  }
}

function behindFile(nth: number): Cut {
  const renaming = new Set<number>()
  let seen = 0
  return (data, connection) => {
    if (/\brename to\b/i.test(data)) renaming.add(connection)
    if (renaming.has(connection) || !isCommit(data)) return false
    seen += 1
    return seen === nth
  }
}

function behindMessage(nth: number): Cut {
  let seen = 0
  return () => ++seen === nth
}
