import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {packageRoot} from '../../package-root.js'
import {sqlState, sqlStateOf} from '../connect/failures.js'
import {backendPid, type PostgresClient} from '../connect/postgres-client.js'

/** Reads `sql/catalog/<name>.sql` synchronously, because an asynchronous read would have to start a thread first. */
export function catalogQuery(name: string): string {
  return readFileSync(join(packageRoot(), 'sql', 'catalog', `${name}.sql`), 'utf8')
}

/** What a database contains, to show before it is destroyed. */
export interface DatabaseContents {
  /** The version of the server. */
  version: string
  bytes: number
  /** The largest tables first. Row counts are the server's estimates, null if it has none yet. */
  tables: {name: string; rows: number | null}[]
  /** One entry for each session: its application name, or its user if there is none. */
  connected: string[]
}

/** Describes the connected database. `own` is another session of this command, which is not listed. */
export async function describeContents(client: PostgresClient, own?: PostgresClient): Promise<DatabaseContents> {
  const {
    rows: [row],
  } = await client.query<DatabaseContents>(catalogQuery('loss'), [own === undefined ? null : backendPid(own)])
  if (row === undefined) throw new TypeError('loss.sql returns one row')
  return row
}

/** The identifier that initdb gave the server; undefined if the role may not read it. */
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

/** The sizes on disk in bytes. Databases whose size the role may not read are missing. */
export async function databaseSizes(client: PostgresClient, names: string[]): Promise<Map<string, number>> {
  const {rows} = await client.query<{name: string; bytes: number}>(catalogQuery('database-sizes'), [names])
  return new Map(rows.map(({name, bytes}) => [name, bytes]))
}
