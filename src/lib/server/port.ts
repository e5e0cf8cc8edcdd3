import {createHash} from 'node:crypto'
import {createServer} from 'node:net'

/** Below the range of outgoing connections, so that the port is still free after a reboot. */
const firstPort = 15_432
const lastPort = 30_000

/**
 * The port to try first: a fixed one for the default home, otherwise one computed from the path, so that servers of
 * several homes do not take each other's port while one is stopped.
 */
export function preferredPort(home: string, usualHome: string | undefined): number {
  if (home === usualHome) return firstPort
  return firstPort + 1 + (createHash('sha256').update(home).digest().readUInt32BE() % (lastPort - firstPort - 100))
}

/** The first free port on loopback, beginning with `from`; undefined if there is none. */
export async function freePort(from: number): Promise<number | undefined> {
  for (let port = from; port <= lastPort; port += 1) {
    if (await isFree(port)) return port
  }

  return undefined
}

export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({port, host: '127.0.0.1'}, () => probe.close(() => resolve(true)))
  })
}
