import {isatty} from 'node:tty'
import {ConfigurationError, errorCode} from '../errors.js'

/**
 * A reader that has seen enough, head say, is no error: the command goes on to its end, so that nothing is left half
 * done, and what it writes is lost. `onFailure` is told of what else keeps it from writing, a full disk say; of each
 * stream once, since telling it may fail alike.
 */
export function outliveReaders(onFailure: (error: ConfigurationError) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    let told = false
    // oclif has a listener of its own, which would throw.
    stream.removeAllListeners('error').on('error', (error) => {
      const code = errorCode(error)
      // A terminal whose window was closed answers so; a disk that does has failed.
      const closed = code === 'EPIPE' || code === 'EOF' || (code === 'EIO' && stream.isTTY)
      if (told || closed) return
      told = true
      const next = ['See whether there is room where it is written to.']
      onFailure(
        new ConfigurationError(`The output cannot be written (${code}).`, {code: 'output_failed', next, cause: error}),
      )
    })
  }
}

/** How often to look for the terminal, in milliseconds. */
const lookEvery = 500

/**
 * Ends the process by the signal that closing a terminal's window sends, once it is through with its work. Node would
 * set the terminal back, and abort where there is none any more. The signal goes to the terminal's own session, so under
 * su it does not come: a terminal that is gone is taken for it.
 */
export function endWithTerminal(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor))
  const isGone = (): boolean => !terminals.every((descriptor) => isatty(descriptor))
  const look = setInterval(() => {
    if (!isGone()) return
    clearInterval(look)
    process.kill(process.pid, 'SIGHUP')
  }, lookEvery).unref()
  process.on('exit', () => {
    if (!isGone()) return
    process.removeAllListeners('SIGHUP')
    process.kill(process.pid, 'SIGHUP')
  })
}

/**
 * Takes stdout for one writer, which is returned: whatever else is printed there from now on, by a dependency say,
 * comes out on stderr.
 */
export function reserveStdout(): typeof process.stdout.write {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr)
  return write
}
