import {ConfigurationError, errorCode} from '../errors.js'

/**
 * A reader that has seen enough, head say, is no error: the command goes on to its end, so that nothing is left half
 * done, and what it writes is lost. `onFailure` is told of what else keeps it from writing, a full disk say.
 */
export function outliveReaders(onFailure: (error: ConfigurationError) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    // oclif has a listener of its own, which would throw.
    stream.removeAllListeners('error').on('error', (error) => {
      const code = errorCode(error)
      if (code === 'EPIPE' || code === 'EOF') return
      const next = ['See whether there is room where it is written to.']
      onFailure(new ConfigurationError(`The output cannot be written (${code}).`, {code: 'output_failed', next, cause: error}))
    })
  }
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
