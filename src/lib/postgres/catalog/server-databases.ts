import {together} from '../connect/client.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {catalogQuery, serverIdentifier} from './catalog.js'
import {type DatabaseMarker, readComment} from './marker.js'

/** A database of the server at one moment. */
export interface ServerDatabase {
  /** Identifies the database: it survives a rename, and is not reused soon. */
  oid: number
  name: string
  owner: string
  /** Whether it is a template, which Postgres refuses to drop. */
  template: boolean
  /** The comment without our marker. */
  text: string
  marker: DatabaseMarker
  /** Whether a plain CREATE DATABASE gives the same: our role owns it, and its privileges, settings and locale are defaults. */
  plain: boolean
  /** The number of other sessions that are connected to it. */
  sessions: number
  /** The number of prepared transactions in it, which --force cannot end. */
  prepared: number
  /** The number of logical replication slots on it, which prevent a drop. */
  slots: number
}

/** All databases of a server at one moment. */
export interface ServerDatabases {
  byName: ReadonlyMap<string, ServerDatabase>
  /** Our role. */
  role: string
  /** The identifier that initdb gave the server; undefined if the role may not read it. */
  server: string | undefined
}

/** Whether the marker was written for this database: for its name, its oid and this server. */
export function isOwnMarker({name, oid, marker}: ServerDatabase, {server}: ServerDatabases): boolean {
  return marker.oid === oid && marker.name === name && server !== undefined && marker.server === server
}

/** The columns of pg_database for encoding and locale. Some versions do not have all of them. */
export const localeColumns = [
  'encoding',
  'datcollate',
  'datctype',
  'datlocprovider',
  'datlocale',
  'daticulocale',
  'daticurules',
] as const

/** A row of `sql/catalog/server-databases.sql`. */
interface ServerDatabaseRow extends Record<(typeof localeColumns)[number], unknown> {
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
 * Reads the databases of the server in one round trip. It uses several statements, because a new session runs them in a
 * third of the time of one large statement.
 */
export async function readServerDatabases(client: PostgresClient): Promise<ServerDatabases> {
  const [databases, sessions, prepared, slots, server] = await together(client, () => [
    client.query<ServerDatabaseRow>(catalogQuery('server-databases')),
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

function isPlain(row: ServerDatabaseRow, standard: ServerDatabaseRow | undefined): boolean {
  const own = row.configured || row.datacl !== null || row.datconnlimit !== -1 || !row.datallowconn || row.datistemplate
  return (
    !own &&
    row.owner === row.role &&
    row.dattablespace === standard?.dattablespace &&
    localeColumns.every((column) => row[column] === standard[column])
  )
}
