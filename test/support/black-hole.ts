import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {connect, type Socket} from 'node:net'

/** An address of loopback at which connections are never answered: what a security group that does not know us does. */
export interface BlackHole {
  address: string
  port: number
  close(): void
}

/** A listener that never accepts: once its queue is full the system drops what comes, without a word. */
const listener = `
const server = require('node:net').createServer()
server.listen({port: 0, host: process.argv[1], backlog: 1}, () => {
  require('node:fs').writeSync(1, String(server.address().port))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** Starts one at that address of loopback. */
export async function startBlackHole(address = '127.0.0.1'): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', listener, address], {stdio: ['ignore', 'pipe', 'inherit']})
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(said)
  const fillers: Socket[] = []
  // Connections are made until one is not answered: from then on none is.
  for (;;) {
    const filler = connect(port, address).on('error', () => undefined)
    fillers.push(filler)
    const answered = await Promise.race([once(filler, 'connect').then(() => true), new Promise((resolve) => setTimeout(resolve, 300, false))])
    if (!answered) break
  }

  return {
    address,
    port,
    close() {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
    },
  }
}
