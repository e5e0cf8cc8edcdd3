import {createHash} from 'node:crypto'
import {catalogQuery, databaseSizes} from '../postgres/catalog/catalog.js'
import {dropDatabase} from '../postgres/catalog/databases.js'
import type {DatabaseMarker} from '../postgres/catalog/marker.js'
import {readServerDatabases, type ServerDatabase, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {majorVersion} from '../postgres/connect/connect.js'
import {sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {createMarked} from './marked-database.js'
import {isOwnMarker} from './own-databases.js'

/** A database that is kept to be copied. */
export interface Template {
  name: string
  /** What it was made from, as a hash. */
  key: string
  /** When it was made, in ISO 8601. */
  at: string
  /** The schema file that it was made from. */
  source: string
  /** Whether it was marked by `protect`: it is never dropped. */
  protected: boolean
}

/** A template with its size. */
export interface SizedTemplate extends Template {
  /** On disk; null where the role may not ask for it. */
  bytes: number | null
}

/** "crua" in ASCII: our class of advisory locks on what is kept. */
const lockClass = 0x63727561
/** From this version on `CREATE DATABASE` may be told how to copy; before, it always copied files. */
const strategySince = 15
/** From this version on it may be told to share the files' blocks, which btrfs, XFS and APFS can. */
const cloneSince = 18

const namePattern = /^cruddur_cache_[0-9a-f]{16}(_\d+)?$/

/**
 * Hashes what a database is made from: `files`, the hash of all that is run in it, and what the server adds: its version,
 * the role, the locale of a new database, and the clauses that give it another one.
 */
export async function templateKey(client: PostgresClient, files: string, clauses: string): Promise<string> {
  const {rows} = await client.query(catalogQuery('new-database'))
  return createHash('sha256')
    .update(JSON.stringify([files, rows, clauses]))
    .digest('hex')
}

/**
 * The databases that are kept, the newest first. As with {@link ownDatabases} a marker alone is no proof: name, number and
 * server have to fit, and the owner has to be the role that asks.
 */
export function templatesOf(databases: ServerDatabases): Template[] {
  return [...databases.byName.values()]
    .flatMap((database) => (isTemplate(database, databases) ? [templateFrom(database)] : []))
    .sort((a, b) => (a.at < b.at ? 1 : -1))
}

/** {@link templatesOf} with their sizes. */
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
 * What follows the name in the statement that makes a copy of the database `from`, to which no one is connected. What stands
 * outside of a database is not copied: its settings, privileges and comment.
 * https://www.postgresql.org/docs/current/sql-createdatabase.html
 */
export function copyClauses(client: PostgresClient, from: string): string {
  return `template ${escapeIdentifier(from)}${majorVersion(client) >= strategySince ? ' strategy file_copy' : ''}`
}

/**
 * Runs `copy` so that files are cloned, where the server was built for a system that can; where the file system cannot, it is
 * run again, and copies.
 * https://www.postgresql.org/docs/18/runtime-config-resource.html#GUC-FILE-COPY-METHOD
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
 * Keeps a copy of the database `name` under that key; nobody can connect to it, so that it can always be copied. An earlier
 * one of that key makes room for it, but not one that was protected, and nothing that is not ours. False where another
 * session keeps one of that key at this moment.
 */
export async function keepTemplate(
  client: PostgresClient,
  name: string,
  made: {key: string; at: string; source: string},
): Promise<boolean> {
  const lock = [lockClass, Number.parseInt(made.key.slice(0, 8), 16) >>> 1]
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
