import {InterruptedError} from '../errors.js'
import {outcome} from './outcome.js'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * A signal that aborts on Ctrl-C, SIGTERM and SIGHUP, so that `finally` blocks run and the command exits with 130.
 * Asked a second time, the process ends at once; a terminal that is closed may say so twice by itself.
 */
export function abortOnInterrupt(): AbortController {
  const controller = new AbortController()
  for (const signal of signals) {
    process.on(signal, () => {
      if (controller.signal.aborted && signal !== 'SIGHUP') outcome.fail(new InterruptedError(), () => process.exit())
      controller.abort(new InterruptedError())
    })
  }

  return controller
}

/** From now on Ctrl-C is the child's: it goes to the whole foreground group, and psql handles it. SIGTERM and SIGHUP still abort. */
export function leaveCtrlCToChild(): void {
  process.removeAllListeners('SIGINT')
  process.on('SIGINT', () => undefined)
}

/** From now on SIGTERM and SIGHUP end the process at once, for the SQL shell has nothing to remove. */
export function endAtOnce(): void {
  for (const signal of ['SIGTERM', 'SIGHUP']) process.removeAllListeners(signal)
}
