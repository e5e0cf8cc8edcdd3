import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {packageRoot} from '../../package-root.js'
import {backendPid} from '../connect/client.js'
import {sqlState, sqlStateOf} from '../connect/failures.js'
import type {PostgresClient} from '../connect/postgres-client.js'

/** The text of `sql/catalog/<name>.sql`; read at once, since a thread would have to be started to read it beside. */
export function catalogQuery(name: string): string {
  return readFileSync(join(packageRoot(), 'sql', 'catalog', `${name}.sql`), 'utf8')
}

/** What a database holds, for people to see before it is destroyed. */
export interface DatabaseContents {
  /** The server's version. */
  version: string
  bytes: number
  /** Row counts are the server's estimates, null where it has none yet; the largest first. */
  tables: {name: string; rows: number | null}[]
  /** One entry a session: its application, else its user. */
  connected: string[]
}

/** Describes the database that `client` is connected to; `own` is another session of this command, not to be listed. */
export async function describeContents(client: PostgresClient, own?: PostgresClient): Promise<DatabaseContents> {
  const {
    rows: [row],
  } = await client.query<DatabaseContents>(catalogQuery('loss'), [own === undefined ? null : backendPid(own)])
  if (row === undefined) throw new TypeError('loss.sql returns one row')
  return row
}

/** The server's own identifier, made by initdb; undefined where the role may not ask for it. */
export async function serverIdentifier(client: PostgresClient): Promise<string | undefined> {
  try {
    const {
      rows: [row],
    } = await client.query<{id: string}>('select system_identifier::text as id from pg_catalog.pg_control_system()')
    return row?.id
  } catch (error) {
    if (sqlStateOf(error) === sqlState.insufficientPrivilege) return undefined
    throw error
  }
}

/** The sizes on disk, in bytes, of those of the databases that the role may ask about. */
export async function databaseSizes(client: PostgresClient, names: string[]): Promise<Map<string, number>> {
  const {rows} = await client.query<{name: string; bytes: number}>(catalogQuery('database-sizes'), [names])
  return new Map(rows.map(({name, bytes}) => [name, bytes]))
}
