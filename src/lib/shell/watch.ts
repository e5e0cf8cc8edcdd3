import {setTimeout as delay} from 'node:timers/promises'
import {commandFailure} from './failures.js'
import type {HowPrinted} from './interpreter.js'

const shortest = 0.001

/**
 * Runs a statement again and again, as `\watch [SECONDS]` or `\watch i=SECONDS c=COUNT`, until the signal or the count.
 * @throws SqlError (`shell_command`), and errors of the statement
 */
export async function watch(
  args: readonly string[],
  once: (how: HowPrinted) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const {seconds, count} = read(args)
  for (let run = 1; !signal.aborted; run++) {
    await once({title: `${new Date().toUTCString()} (every ${seconds}s)`})
    if (run === count) return
    await delay(seconds * 1000, undefined, {signal}).catch(() => undefined)
  }
}

function read(args: readonly string[]): {seconds: number; count: number} {
  let [seconds, count] = [2, Infinity]
  for (const arg of args) {
    const [, key = 'i', value = ''] = /^(?:(i|interval|c|count)=)?(.*)$/.exec(arg) ?? []
    const number = Number(value)
    if (value === '' || !(number >= 0)) throw commandFailure(`\\watch: "${arg}" is not a number of seconds.`)
    if (key.startsWith('c')) count = Math.max(1, Math.floor(number))
    else seconds = Math.max(shortest, number)
  }
  return {seconds, count}
}
