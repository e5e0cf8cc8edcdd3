import {isatty} from 'node:tty'
import {ConfigurationError, errorCode} from '../errors.js'

/**
 * Ignores a reader that stops reading, for example `head`: the command finishes its work, and the rest of its output is
 * lost. Other write errors, for example a full disk, go to `onFailure`, once for each stream, because reporting them may
 * fail in the same way.
 */
export function outliveReaders(onFailure: (error: ConfigurationError) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    let told = false
    // oclif has its own listener, which would throw.
    stream.removeAllListeners('error').on('error', (error) => {
      const code = errorCode(error)
      // On a terminal, EIO means that its window was closed; on a disk it is an error.
      const closed = code === 'EPIPE' || code === 'EOF' || (code === 'EIO' && stream.isTTY)
      if (told || closed) return
      told = true
      const next = ['Check that there is free space where the output is written.']
      onFailure(
        new ConfigurationError(`The output cannot be written (${code}).`, {code: 'output_failed', next, cause: error}),
      )
    })
  }
}

/** How often to check that the terminal is still there, in milliseconds. */
const lookEvery = 500

/**
 * Ends the process with SIGHUP when its terminal is closed. Without this, Node aborts when it tries to reset a terminal
 * that no longer exists. Under su the signal does not arrive, so the terminal is checked as well.
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
 * Reserves stdout for the returned writer. Anything else that is printed there, for example by a dependency, goes to
 * stderr.
 */
export function reserveStdout(): typeof process.stdout.write {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr)
  return write
}
