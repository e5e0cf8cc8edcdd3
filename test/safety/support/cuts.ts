import {setTimeout as delay} from 'node:timers/promises'
import {expect} from 'vitest'
import type {Running} from '../../support/cli.js'
import type {Proxy} from '../../support/proxy.js'
import {other} from './generations.js'
import type {Stage} from './stage.js'

/** Whether the network stays away, which leaves nothing to ask what has become of a COMMIT; else it is back at once. */
export const isForGood = (moment: number): boolean => Math.floor(moment / 4) % 2 === 1

const swapped = 'COMMIT of the swap answered'

type Cut = (data: string, connection: number) => boolean

/**
 * Cuts a setup's connections: at a time, or behind any of its messages, the COMMIT of the swap or of a file, when it was
 * sent or when the server has answered.
 */
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
    proxy.cutBehind = () => void (messages += 1)
    const start = performance.now()
    await stage.again({to: other(stage.now), flags: ['--force'], url})
    proxy.cutBehind = undefined
    return new Cuts(proxy, url, messages, performance.now() - start)
  }

  /** Waits for the end of the setup, and cuts it. */
  async strike(running: Running, moment: number, times: number): Promise<void> {
    const {proxy} = this
    const part = (moment + 0.5) / times
    const kinds: [string, 'sent' | 'answered', Cut | undefined][] = [
      [swapped, 'answered', behindSwap()],
      ['COMMIT of the swap sent', 'sent', behindSwap()],
      ['message sent', 'sent', behindMessage(Math.ceil(part * this.messages))],
      ['COMMIT of a file answered', 'answered', behindFile(1 + (moment % 2))],
      ['COMMIT of a file sent', 'sent', behindFile(1 + (moment % 2))],
      ['message answered', 'answered', behindMessage(Math.ceil(part * this.messages))],
      ['time', 'sent', undefined],
    ]
    const [kind, when, isMoment] = kinds[moment % kinds.length] ?? ['', 'sent', undefined]
    let cut = false
    const now = (): void => {
      cut = true
      proxy.refusing = isForGood(moment)
    }
    proxy.cutBehind = (data, connection) => {
      if (cut || isMoment?.(data, connection) !== true) return undefined
      now()
      return when
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
    console.log(`Cut at: ${[...this.done].map(([kind, times]) => `${kind} ${times} times`).join(', ')}`)
    expect(this.done.get(swapped)).toBeGreaterThan(0)
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
