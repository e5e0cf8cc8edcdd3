import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {connect, type Socket} from 'node:net'

/** A loopback address that never answers a connection, as a security group that does not allow this machine. */
export interface BlackHole {
  address: string
  port: number
  /** Lets connections through from now on. */
  open(): void
  close(): void
}

/** Forwards to a port, but first stops itself: when its queue is full, the system drops new connections. */
const listener = `
const {connect, createServer} = require('node:net')
const [host, target] = process.argv.slice(1)
const server = createServer((client) => {
  const upstream = connect(Number(target), '127.0.0.1')
  for (const socket of [client, upstream]) socket.on('error', () => undefined)
  client.pipe(upstream).pipe(client)
})
server.listen({port: 0, host, backlog: 1}, () => {
  require('node:fs').writeSync(1, String(server.address().port))
  process.kill(process.pid, 'SIGSTOP')
})`

/** Starts one at this loopback address; after `open` it forwards to the port `target`. */
export async function startBlackHole(address = '127.0.0.1', target = 1): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', listener, address, String(target)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(said)
  const fillers: Socket[] = []
  // Fill the queue: after the first connection without an answer, no connection gets one.
  for (;;) {
    const filler = connect(port, address).on('error', () => undefined)
    fillers.push(filler)
    const answered = await Promise.race([
      once(filler, 'connect').then(() => true),
      new Promise((resolve) => setTimeout(resolve, 300, false)),
    ])
    if (!answered) break
  }

  return {
    address,
    port,
    open() {
      child.kill('SIGCONT')
    },
    close() {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
    },
  }
}
