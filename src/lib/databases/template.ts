import {createHash} from 'node:crypto'
import {catalogQuery, databaseSizes} from '../postgres/catalog/catalog.js'
import {dropDatabase} from '../postgres/catalog/databases.js'
import type {DatabaseMarker} from '../postgres/catalog/marker.js'
import {
  isOwnMarker,
  readServerDatabases,
  type ServerDatabase,
  type ServerDatabases,
} from '../postgres/catalog/server-databases.js'
import {majorVersion} from '../postgres/connect/connect.js'
import {sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {createMarked} from '../postgres/catalog/marked-database.js'

/** A cached database, which setup copies. */
export interface Template {
  name: string
  /** A hash of everything that it was built from. */
  key: string
  /** When it was built, in ISO 8601. */
  at: string
  /** The schema file that it was built from. */
  source: string
  /** Whether `protect` has marked it; then it is never dropped. */
  protected: boolean
}

export interface SizedTemplate extends Template {
  /** Its size on disk; null if the role may not read it. */
  bytes: number | null
}

/** "crua" in ASCII: our class of advisory locks for the cache. */
const templateLockClass = 0x63727561
/** Since this version `CREATE DATABASE` has a strategy; before, it always copied files. */
const strategySince = 15
/** Since this version it can clone files, which btrfs, XFS and APFS support. */
const cloneSince = 18

const namePattern = /^cruddur_cache_[0-9a-f]{16}(_\d+)?$/

/**
 * Hashes everything that a database is built from: `files`, which is the hash of the SQL files, the server's version, the
 * role, the default locale, and the clauses of CREATE DATABASE.
 */
export async function templateKey(client: PostgresClient, files: string, clauses: string): Promise<string> {
  const {rows} = await client.query(catalogQuery('new-database'))
  return createHash('sha256')
    .update(JSON.stringify([files, rows, clauses]))
    .digest('hex')
}

/**
 * The cached databases, newest first. As in {@link ownDatabases}, a marker alone is no proof: the name, oid and server must
 * match, and our role must be the owner.
 */
export function templatesOf(databases: ServerDatabases): Template[] {
  return [...databases.byName.values()]
    .flatMap((database) => (isTemplate(database, databases) ? [templateFrom(database)] : []))
    .sort((a, b) => (a.at < b.at ? 1 : -1))
}

export async function listTemplates(client: PostgresClient): Promise<SizedTemplate[]> {
  const templates = templatesOf(await readServerDatabases(client))
  const sizes = await databaseSizes(
    client,
    templates.map(({name}) => name),
  )
  return templates.map((template) => ({...template, bytes: sizes.get(template.name) ?? null}))
}

function isTemplate(database: ServerDatabase, databases: ServerDatabases): boolean {
  const {
    name,
    owner,
    marker: {state, key},
  } = database
  return (
    state === 'cache' &&
    key !== undefined &&
    namePattern.test(name) &&
    owner === databases.role &&
    isOwnMarker(database, databases)
  )
}

function templateFrom({name, marker: {key = '', at = '', source = '', ...marker}}: ServerDatabase): Template {
  return {name, key, at, source, protected: marker.protected !== undefined}
}

/**
 * The clauses of CREATE DATABASE that copy the database `from`. Settings, privileges and the comment are not copied
 * (https://www.postgresql.org/docs/current/sql-createdatabase.html).
 */
export function copyClauses(client: PostgresClient, from: string): string {
  return `template ${escapeIdentifier(from)}${majorVersion(client) >= strategySince ? ' strategy file_copy' : ''}`
}

/**
 * Runs `copy` with cloned files, if the server supports that. If the file system does not, `copy` runs again without
 * (https://www.postgresql.org/docs/18/runtime-config-resource.html#GUC-FILE-COPY-METHOD).
 */
export async function cloning<T>(client: PostgresClient, copy: () => Promise<T>): Promise<T> {
  if (!(majorVersion(client) >= cloneSince)) return copy()
  await client.query(
    "select set_config(name, 'clone', false) from pg_catalog.pg_settings where name = 'file_copy_method' and 'clone' = any(enumvals)",
  )
  try {
    return await copy()
  } catch (error) {
    if (sqlStateOf(error) === sqlState.missingDatabase) throw error
    await client.query('reset file_copy_method')
    return copy()
  }
}

/**
 * Caches a copy of the database `name` under that key. It allows no connections, because a database in use cannot be
 * copied. It replaces an earlier copy with that key, unless that is protected. Returns false if another session is
 * caching the same key.
 */
export async function keepTemplate(
  client: PostgresClient,
  name: string,
  made: {key: string; at: string; source: string},
): Promise<boolean> {
  const lock = [templateLockClass, Number.parseInt(made.key.slice(0, 8), 16) >>> 1]
  const {
    rows: [row],
  } = await client.query<{locked: boolean}>('select pg_try_advisory_lock($1::int, $2::int) as locked', lock)
  if (row?.locked !== true) return false
  try {
    const databases = await readServerDatabases(client)
    const earlier = templatesOf(databases).filter((template) => template.key === made.key && !template.protected)
    for (const template of earlier) await dropDatabase(client, template.name, {force: false})
    const taken = new Set(
      [...databases.byName.keys()].filter((other) => !earlier.some((template) => template.name === other)),
    )
    const template = templateName(made.key, taken)
    const marker: DatabaseMarker = {state: 'cache', name: template, server: databases.server, ...made}
    await cloning(client, () =>
      createMarked(client, {
        name: template,
        clauses: `${copyClauses(client, name)} allow_connections false`,
        comment: {text: '', marker},
      }),
    )
    return true
  } finally {
    await client.query('select pg_advisory_unlock($1::int, $2::int)', lock)
  }
}

function templateName(key: string, taken: ReadonlySet<string>): string {
  const base = `cruddur_cache_${key.slice(0, 16)}`
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}_${number}`
    if (!taken.has(name)) return name
  }
}
