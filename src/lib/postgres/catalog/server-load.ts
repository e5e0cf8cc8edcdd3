import type {PostgresClient} from '../connect/postgres-client.js'
import {catalogQuery} from './catalog.js'

/** Counters of a server at one moment, of which a reader takes differences. */
export interface ServerLoad {
  max_connections: number
  version: string
  commits: number
  rollbacks: number
  /** Blocks that were found in the server's cache, and those that were not. */
  hits: number
  reads: number
  /** The time of the server, for people and in seconds. */
  clock: string
  seconds: number
  /** On a replica: how old what it has replayed is. */
  replay_seconds: number | null
  /** How far the slowest replica is behind; null if there is none, or the role may not see it. */
  lag_bytes: number | null
  /** The size of the database, as it was read last. */
  bytes?: number | undefined
}

/** @throws SqlError, ConnectionError */
export async function readServerLoad(client: PostgresClient): Promise<ServerLoad | undefined> {
  return (await client.query<ServerLoad>(catalogQuery('watch-server'))).rows[0]
}

/** The bytes of the database of the session. */
export async function readDatabaseSize(client: PostgresClient): Promise<number | undefined> {
  return (await client.query<{bytes: number}>(catalogQuery('watch-size'))).rows[0]?.bytes
}
