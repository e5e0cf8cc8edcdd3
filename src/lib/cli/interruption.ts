import {InterruptedError} from '../errors.js'
import {outcome} from './outcome.js'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/**
 * Aborts on Ctrl-C, Ctrl-\, SIGTERM and SIGHUP, so that `finally` blocks run and the command exits with 130. A second
 * signal ends the process at once, except SIGHUP, which a closing terminal may send twice.
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

/** Ignores Ctrl-C from now on, because psql gets it too and handles it. The other signals still abort. */
export function leaveCtrlCToChild(): void {
  process.removeAllListeners('SIGINT')
  process.on('SIGINT', () => undefined)
}

/** Lets SIGTERM, SIGHUP and SIGQUIT end the process at once from now on, because the SQL shell has nothing to clean up. */
export function endAtOnce(): void {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.removeAllListeners(signal)
}
