import {together} from '../connect/client.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {catalogQuery, serverIdentifier} from './catalog.js'
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
  /**
   * Whether CREATE DATABASE alone would make one like it: it belongs to the role that asks, and has no privileges, settings,
   * limits or locale of its own.
   */
  plain: boolean
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

/** What makes a database's encoding and locale: some versions have not all of it. */
export const localeColumns = [
  'encoding',
  'datcollate',
  'datctype',
  'datlocprovider',
  'datlocale',
  'daticulocale',
  'daticurules',
] as const

/** Of pg_database, with what `sql/catalog/server-databases.sql` adds. */
interface DatabaseRow extends Record<(typeof localeColumns)[number], unknown> {
  oid: number
  datname: string
  datistemplate: boolean
  datallowconn: boolean
  datconnlimit: number
  dattablespace: number
  datacl: unknown
  owner: string
  role: string
  comment: string | null
  configured: boolean
}

type InDatabase = {database: number | null}

/**
 * Reads the databases of the server, in one round trip. Statements of their own: a new session is done with them in a third
 * of the time of one that asks for all of it.
 */
export async function readServerDatabases(client: PostgresClient): Promise<ServerDatabases> {
  const [databases, sessions, prepared, slots, server] = await together(client, () => [
    client.query<DatabaseRow>(catalogQuery('server-databases')),
    client.query<InDatabase>(
      "select datid as database from pg_catalog.pg_stat_get_activity(null) where backend_type = 'client backend' and pid <> pg_backend_pid()",
    ),
    client.query<InDatabase>('select dbid as database from pg_catalog.pg_prepared_xact()'),
    client.query<InDatabase>('select datoid as database from pg_catalog.pg_get_replication_slots()'),
    serverIdentifier(client),
  ])
  const count = ({rows}: {rows: InDatabase[]}, oid: number): number =>
    rows.filter(({database}) => database === oid).length
  const standard = databases.rows.find(({datname}) => datname === 'template1')
  const all = databases.rows.map((row): ServerDatabase => ({
    ...{oid: row.oid, name: row.datname, owner: row.owner, template: row.datistemplate, ...readComment(row.comment)},
    plain: isPlain(row, standard),
    sessions: count(sessions, row.oid),
    prepared: count(prepared, row.oid),
    slots: count(slots, row.oid),
  }))
  return {
    byName: new Map(all.map((database) => [database.name, database])),
    role: databases.rows[0]?.role ?? '',
    server,
  }
}

function isPlain(row: DatabaseRow, standard: DatabaseRow | undefined): boolean {
  const own = row.configured || row.datacl !== null || row.datconnlimit !== -1 || !row.datallowconn || row.datistemplate
  return (
    !own &&
    row.owner === row.role &&
    row.dattablespace === standard?.dattablespace &&
    localeColumns.every((column) => row[column] === standard[column])
  )
}
