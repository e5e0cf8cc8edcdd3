import {catalogQuery} from './catalog.js'
import {type PostgresClient, together} from './client.js'
import {sqlState, sqlStateOf} from './failures.js'
import {type DatabaseMarker, readComment} from './marker.js'

/** A database of the server, as it was at one moment. */
export interface ServerDatabase {
  /** Its number, which stays with it through every rename and is never given again soon. */
  oid: number
  name: string
  owner: string
  /** Whether it is a template, which Postgres does not drop. */
  template: boolean
  /** The comment without our marker. */
  text: string
  marker: DatabaseMarker
  /** How many other sessions are connected to it. */
  sessions: number
  /** Prepared transactions in it, which no force ends. */
  prepared: number
  /** Logical replication slots on it, which keep it from being dropped. */
  slots: number
}

/** All databases of a server at one moment, and who asks. */
export interface ServerDatabases {
  byName: ReadonlyMap<string, ServerDatabase>
  /** The role that asks. */
  role: string
  /** The server's own identifier, made by initdb; undefined where the role may not ask for it. */
  server: string | undefined
}

interface DatabaseRow {
  oid: number
  name: string
  owner: string
  template: boolean
  role: string
  comment: string | null
}

type InDatabase = {database: number | null}

/**
 * Reads the databases of the server, in one round trip. Statements of their own: a new session is done with them in a third
 * of the time of one that asks for all of it.
 */
export async function readServerDatabases(client: PostgresClient): Promise<ServerDatabases> {
  const [databases, sessions, prepared, slots, server] = await together(client, () => [
    client.query<DatabaseRow>(catalogQuery('server-databases')),
    client.query<InDatabase>("select datid as database from pg_catalog.pg_stat_get_activity(null) where backend_type = 'client backend' and pid <> pg_backend_pid()"),
    client.query<InDatabase>('select dbid as database from pg_catalog.pg_prepared_xact()'),
    client.query<InDatabase>('select datoid as database from pg_catalog.pg_get_replication_slots()'),
    serverIdentifier(client),
  ])
  const count = ({rows}: {rows: InDatabase[]}, oid: number): number => rows.filter(({database}) => database === oid).length
  const all = databases.rows.map(({oid, name, owner, template, comment}): ServerDatabase => ({
    ...{oid, name, owner, template, ...readComment(comment)},
    sessions: count(sessions, oid),
    prepared: count(prepared, oid),
    slots: count(slots, oid),
  }))
  return {byName: new Map(all.map((database) => [database.name, database])), role: databases.rows[0]?.role ?? '', server}
}

/** The server's own identifier, made by initdb; undefined where the role may not ask for it. */
export async function serverIdentifier(client: PostgresClient): Promise<string | undefined> {
  try {
    const {rows: [row]} = await client.query<{id: string}>('select system_identifier::text as id from pg_catalog.pg_control_system()')
    return row?.id
  } catch (error) {
    if (sqlStateOf(error) === sqlState.insufficientPrivilege) return undefined
    throw error
  }
}
