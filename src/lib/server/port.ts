import {createHash} from 'node:crypto'
import {createServer} from 'node:net'

/** Below the ranges from which systems take ports for outgoing connections, so that it is free again after a reboot. */
const firstPort = 15_432
const lastPort = 30_000

/**
 * Where the server of that home looks for its first port: the well-known one for the usual home, else one that follows
 * from the path, so that servers of several homes do not take each other's while one of them is stopped.
 */
export function preferredPort(home: string, usualHome: string): number {
  if (home === usualHome) return firstPort
  return firstPort + 1 + (createHash('sha256').update(home).digest().readUInt32BE() % (lastPort - firstPort - 100))
}

/** The first free port on loopback from `from`; undefined when none is left. */
export async function freePort(from: number): Promise<number | undefined> {
  for (let port = from; port <= lastPort; port += 1) {
    if (await isFree(port)) return port
  }

  return undefined
}

/** Whether nothing listens on that port of loopback. */
export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({port, host: '127.0.0.1'}, () => probe.close(() => resolve(true)))
  })
}
