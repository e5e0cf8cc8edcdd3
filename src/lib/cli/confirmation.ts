import {createInterface} from 'node:readline'
import {InterruptedError, RefusedError} from '../errors.js'
import {confirmationOf, isProtected} from '../target/protection.js'
import type {Target} from '../target/target.js'

/** What {@link confirmTarget} takes. */
export interface ConfirmOptions {
  target: Target
  /** What `--confirm` was given. */
  words: string | undefined
  /** Whether a question may be asked, where there is a terminal. */
  interactive: boolean
  interruption: AbortController
  remark: (line: string) => void
}

/**
 * Lets destructive work on a protected target go on only when its `database@host` was given: in `--confirm`, or typed
 * at a prompt on a terminal. There is no variable that does it.
 * @throws RefusedError (`not_confirmed`)
 */
export async function confirmTarget(options: ConfirmOptions): Promise<void> {
  const {target, words, interactive} = options
  if (!isProtected(target)) return
  const expected = confirmationOf(target)
  const ask = words === undefined && interactive && process.stdin.isTTY && process.stderr.isTTY
  const given = ask ? await askFor(expected, options) : words
  if (given === expected) return
  throw new RefusedError(`${target.name} is protected and was not confirmed: nothing was touched.`, {
    code: 'not_confirmed',
    next: [`If you mean it, pass: --confirm ${quoted(expected)}`],
    details: {confirm: expected},
  })
}

async function askFor(expected: string, {target, interruption, remark}: ConfirmOptions): Promise<string> {
  remark(`This destroys data on ${target.name}.`)
  const prompt = createInterface({input: process.stdin, output: process.stderr})
  return new Promise<string>((resolve, reject) => {
    prompt.once('SIGINT', () => {
      interruption.abort(new InterruptedError())
      reject(new InterruptedError())
      prompt.close()
    })
    // Ctrl-D, and after Ctrl-C: the answer's line has no end yet.
    prompt.once('close', () => {
      process.stderr.write('\n')
      resolve('')
    })
    prompt.question(`Type ${expected} to go on: `, (answer) => {
      prompt.removeAllListeners('close').close()
      resolve(answer)
    })
  })
}

function quoted(text: string): string {
  return /^[\w@.:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
