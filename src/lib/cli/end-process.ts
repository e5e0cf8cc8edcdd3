import {Writable} from 'node:stream'
import {allClosed} from '../postgres/connect/close.js'

/**
 * Ends the process once all sessions are closed and the output is written. Otherwise whatever is still open would hold
 * it, for example the lookup of a host name, which cannot be canceled.
 */
export async function endProcess(): Promise<void> {
  await allClosed()
  await Promise.all([process.stdout, process.stderr].map(written))
  process.exit()
}

/** Resolves when all is written, or cannot be written because the reader has gone. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.errored) return
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve())
    // Not the stream's own method, which reserveStdout replaces.
    Writable.prototype.write.call(stream, '', 'utf8', () => resolve())
  })
}
