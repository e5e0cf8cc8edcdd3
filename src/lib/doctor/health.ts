import {catalogQuery} from '../postgres/catalog/catalog.js'
import {readComment} from '../postgres/catalog/marker.js'
import {connectedServer} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'

/** The row of `sql/catalog/health.sql`, with the marker and the address. */
export interface Health {
  version: string
  /** Whether the server is a read-only copy of another server. */
  standby: boolean
  bytes: number
  /** The names, with the schema if it is not `public`. */
  tables: string[]
  /** The maximum number of connections, and how many an ordinary role can still open. */
  connections: number
  free: number
  /** Whether `protect` has marked the database. */
  marked: boolean
  /** The IP address of the server; undefined for a Unix socket. */
  address: string | undefined
}

export async function describeHealth(client: PostgresClient): Promise<Health> {
  const {
    rows: [row],
  } = await client.query<Omit<Health, 'marked' | 'address'> & {comment: string | null}>(catalogQuery('health'))
  if (row === undefined) throw new TypeError('health.sql selects one row')
  const {comment, ...health} = row
  return {
    ...health,
    marked: readComment(comment).marker.protected !== undefined,
    address: connectedServer(client).address,
  }
}
