import {catalogQuery} from '../postgres/catalog/catalog.js'
import {readComment} from '../postgres/catalog/marker.js'
import {connectedServer} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'

/** What there is to know of a database at a look, as `sql/catalog/health.sql` selects it. */
export interface Health {
  version: string
  /** A read-only copy of another server. */
  standby: boolean
  bytes: number
  /** By name, with the schema where that is not `public`. */
  tables: string[]
  /** How many the server takes, and how many an ordinary role can still make. */
  connections: number
  free: number
  /** Whether the database is marked as protected. */
  marked: boolean
  /** The address that the connection has; undefined for a Unix socket. */
  address: string | undefined
}

/** Looks at the database that the client is connected to. */
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
