import {createHash} from 'node:crypto'
import {catalogQuery} from './catalog.js'
import type {PostgresClient} from './client.js'
import {majorVersion} from './connect.js'
import {changeDatabases, dropDatabase} from './databases.js'
import {sqlState, sqlStateOf} from './failures.js'
import {escapeIdentifier} from './identifier.js'
import {readMark} from './mark.js'

/** A database that is kept to be copied. */
export interface Template {
  name: string
  /** What it was made from, as a hash; undefined for one that was never completed, which is never copied. */
  key: string | undefined
  /** When it was made, in ISO 8601. */
  at: string
  /** The schema file that it was made from. */
  source: string
  /** Its size on disk; null where the role may not ask for it. */
  bytes: number | null
}

/** "crua" in ASCII: our class of advisory locks on what is kept. */
const lockClass = 0x63727561
/** From this version on `CREATE DATABASE` may be told how to copy; before, it always copied files. */
const strategySince = 15
/** From this version on it may be told to share the files' blocks, which btrfs, XFS and APFS can. */
const cloneSince = 18

/**
 * Hashes what a database is made from: `files`, the hash of all that is run in it, and what the server adds: its version,
 * the role, the locale of a new database.
 */
export async function templateKey(client: PostgresClient, files: string): Promise<string> {
  const {rows} = await client.query(catalogQuery('new-database'))
  return createHash('sha256').update(JSON.stringify([files, rows])).digest('hex')
}

/** The databases that are kept, the newest first, and among them those that were never completed. */
export async function listTemplates(client: PostgresClient): Promise<Template[]> {
  const {rows} = await client.query<{name: string; comment: string | null; bytes: number | null}>(catalogQuery('cached'))
  return rows
    .map(({name, comment, bytes}) => {
      const {mark: {state, key, at = '', source = ''}} = readMark(comment)
      return {name, key: state === 'cache' ? key : undefined, at, source, bytes}
    })
    .sort((a, b) => (a.at < b.at ? 1 : -1))
}

/**
 * Creates the database `name` as a copy of another that no one is connected to, file by file. False where the other is
 * gone. What stands outside of a database is not copied: its settings, privileges and comment.
 * https://www.postgresql.org/docs/current/sql-createdatabase.html
 */
export async function copyDatabase(client: PostgresClient, from: string, name: string, {connectable = true} = {}): Promise<boolean> {
  const strategy = majorVersion(client) >= strategySince ? ' strategy file_copy' : ''
  const closed = connectable ? '' : ' allow_connections false'
  const statement = `create database ${escapeIdentifier(name)} template ${escapeIdentifier(from)}${strategy}${closed}`
  try {
    await (majorVersion(client) >= cloneSince ? clone(client, statement) : client.query(statement))
    return true
  } catch (error) {
    if (sqlStateOf(error) !== sqlState.missingDatabase) throw error
    return false
  }
}

/**
 * Runs the statement so that files are cloned, where the server was built for a system that can; where the file system
 * cannot, it is run anew, and copies.
 * https://www.postgresql.org/docs/18/runtime-config-resource.html#GUC-FILE-COPY-METHOD
 */
async function clone(client: PostgresClient, statement: string): Promise<void> {
  await client.query(`select set_config(name, 'clone', false) from pg_catalog.pg_settings where name = 'file_copy_method' and 'clone' = any(enumvals)`)
  try {
    await client.query(statement)
  } catch (error) {
    if (sqlStateOf(error) === sqlState.missingDatabase) throw error
    await client.query('reset file_copy_method')
    await client.query(statement)
  }
}

/**
 * Keeps a copy of the database `name` under that key; nobody can connect to it, so that it can always be copied. What
 * makes it count is its mark, which is written last: one that a crash left half made is never used. An earlier one of
 * that key makes room for it. False where another session keeps one of that key at this moment.
 */
export async function keepTemplate(client: PostgresClient, name: string, made: {key: string; at: string; source: string}): Promise<boolean> {
  const lock = [lockClass, Number.parseInt(made.key.slice(0, 8), 16) >>> 1]
  const {rows: [row]} = await client.query<{locked: boolean}>('select pg_try_advisory_lock($1::int, $2::int) as locked', lock)
  if (row?.locked !== true) return false
  try {
    const template = `cruddur_cache_${made.key.slice(0, 16)}`
    await dropDatabase(client, template, {force: true})
    await copyDatabase(client, name, template, {connectable: false})
    await changeDatabases(client, [{name: template, note: {text: '', mark: {state: 'cache', ...made}}}])
    return true
  } finally {
    await client.query('select pg_advisory_unlock($1::int, $2::int)', lock)
  }
}

/** Whether the database has something on it that a copy would not have. */
export async function hasUncopied(client: PostgresClient, name: string): Promise<boolean> {
  const {rows: [row]} = await client.query<{uncopied: boolean}>(catalogQuery('uncopied'), [name])
  return row?.uncopied === true
}
