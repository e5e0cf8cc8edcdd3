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

async function written(stream: NodeJS.WriteStream): Promise<void> {
  // Not the stream's own method, which reserveStdout replaces. It calls back even if the reader has gone.
  await new Promise<void>((resolve) => Writable.prototype.write.call(stream, '', 'utf8', () => resolve()))
}
