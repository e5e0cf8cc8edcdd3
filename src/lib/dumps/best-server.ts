import {CruddurError, StateError} from '../errors.js'
import type {ScratchServer} from './file-schema.js'

const unavailable: readonly string[] = ['server_unavailable', 'home_unusable', 'home_missing', 'server_start_failed']

/**
 * Uses servers in turn until one lacks nothing, and returns what the one that lacks least has given. A server that cannot be
 * used here is passed over.
 * @throws the error of the first server if none can be used
 */
export async function onBestServer<T>(
  servers: readonly ScratchServer[],
  use: (server: ScratchServer) => Promise<T>,
  lacking: (given: T) => number = () => 0,
): Promise<T> {
  let best: {given: T; lacks: number} | undefined
  let failure: CruddurError | undefined
  for (const server of servers) {
    try {
      const given = await use(server)
      const lacks = lacking(given)
      if (best === undefined || lacks < best.lacks) best = {given, lacks}
      if (lacks === 0) break
    } catch (error) {
      if (!(error instanceof CruddurError) || !unavailable.includes(error.code)) throw error
      failure ??= error
    }
  }
  if (best !== undefined) return best.given
  throw failure ?? new StateError('There is no server for a copy of the schema.', {code: 'server_unavailable'})
}
