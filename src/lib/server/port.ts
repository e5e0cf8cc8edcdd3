import {createServer} from 'node:net'
import {readFile} from 'node:fs/promises'
import {errorCode} from '../errors.js'

/** Below the ranges from which systems take ports for outgoing connections, so that it is free again after a reboot. */
const firstPort = 15_432
const lastPort = 15_632

/** The port the server had before, which its applications have in their configuration; undefined before the first start. */
export async function recordedPort(file: string): Promise<number | undefined> {
  try {
    return Number(await readFile(file, 'utf8'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The first free port on loopback from `from`; undefined when none is left. */
export async function freePort(from = firstPort): Promise<number | undefined> {
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
