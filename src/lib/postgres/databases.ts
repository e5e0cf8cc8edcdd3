import pg from 'pg'
import {StateError} from '../errors.js'
import type {ConnectionUrl} from '../target/connection-url.js'
import type {PostgresClient} from './client.js'
import {sqlState, sqlStateOf} from './failures.js'
import {escapeIdentifier} from './identifier.js'
import {withMaintenanceClient} from './maintenance.js'
import {type DatabaseMark, writeMark} from './mark.js'
import {listSessions} from './sessions.js'

/** A change to a database's name, its mark, or both. */
export interface DatabaseChange {
  name: string
  renameTo?: string
  /** The comment's text and mark from now on. */
  note?: {text: string; mark: DatabaseMark}
}

const maxNameBytes = 63

/** A name for a database that was called `name`: with `suffix`, cut to what Postgres keeps, and not yet taken. */
export function freeName(name: string, suffix: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const ending = `_${suffix}${number === 1 ? '' : number}`
    const candidate = cutBytes(name, maxNameBytes - ending.length) + ending
    if (!taken.has(candidate)) return candidate
  }
}

function cutBytes(text: string, bytes: number): string {
  let cut = text
  while (Buffer.byteLength(cut) > bytes) cut = [...cut].slice(0, -1).join('')
  return cut
}

/** The server's name for the database that the client is connected to: a pooler may know it by another. */
export async function databaseName(client: PostgresClient): Promise<string> {
  const {rows: [row]} = await client.query<{name: string}>('select current_database() as name')
  return row?.name ?? ''
}

/** The names of all databases of the server. */
export async function databaseNames(client: PostgresClient): Promise<Set<string>> {
  const {rows} = await client.query<{datname: string}>('select datname from pg_catalog.pg_database')
  return new Set(rows.map(({datname}) => datname))
}

/** What {@link changeDatabases} takes beside the changes. */
export interface ChangeOptions {
  /** Ends the sessions of the databases that are renamed, by a second connection to this server. */
  force?: ConnectionUrl
  /** Called when the changes are sent, to send behind them what fails where they fail. */
  onSent?: () => void
}

/**
 * Makes all changes or none, in one transaction and one round trip. A rename waits up to five seconds for sessions to
 * leave, and lets none in meanwhile; with `force` they are ended while it waits, so that no client can slip back in.
 * @throws StateError (`database_in_use`) with `details.sessions`
 */
export async function changeDatabases(client: PostgresClient, changes: DatabaseChange[], {force, onSent}: ChangeOptions = {}): Promise<void> {
  const sql = ['begin', ...changes.flatMap(statements), 'commit'].join(';\n')
  const renamed = changes.filter(({renameTo}) => renameTo !== undefined).map(({name}) => name)
  const work = client.query(sql)
  onSent?.()
  try {
    await (force === undefined || renamed.length === 0 ? work : endSessionsDuring(work, renamed, force))
  } catch (error) {
    await client.query('rollback')
    if (sqlStateOf(error) !== sqlState.objectInUse) throw error
    for (const name of renamed) await refuseWhileInUse(client, name)
    throw heldOtherwise(renamed.join(', '), error)
  }
}

function statements({name, renameTo, note}: DatabaseChange): string[] {
  const rename = renameTo === undefined ? [] : [`alter database ${escapeIdentifier(name)} rename to ${escapeIdentifier(renameTo)}`]
  if (note === undefined) return rename
  const comment = writeMark(note.text, note.mark)
  const literal = comment === null ? 'null' : pg.escapeLiteral(comment)
  return [...rename, `comment on database ${escapeIdentifier(renameTo ?? name)} is ${literal}`]
}

async function endSessionsDuring(work: Promise<unknown>, names: string[], url: ConnectionUrl): Promise<void> {
  let done = false
  const finished = work.finally(() => {
    done = true
  })
  const ending = withMaintenanceClient(url, {}, async (second) => {
    while (!done) {
      await second.query('select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = any($1)', [names])
      await second.query('select pg_sleep(0.02)')
    }
  })
  await Promise.all([finished, ending])
}

/** Drops a database; `force` ends its sessions. False where there was none. */
export async function dropDatabase(client: PostgresClient, name: string, {force}: {force: boolean}): Promise<boolean> {
  try {
    await client.query(`drop database ${escapeIdentifier(name)}${force ? ' with (force)' : ''}`)
    return true
  } catch (error) {
    const state = sqlStateOf(error)
    if (state === sqlState.missingDatabase) return false
    if (state !== sqlState.objectInUse) throw error
    await refuseWhileInUse(client, name)
    throw heldOtherwise(name, error)
  }
}

/** @throws StateError (`database_in_use`) with `details.sessions` while anyone is connected to the database */
export async function refuseWhileInUse(client: PostgresClient, database: string): Promise<void> {
  const sessions = await listSessions(client, {database})
  if (sessions.length === 0) return
  const who = sessions.length === 1 ? '1 session is' : `${sessions.length} sessions are`
  throw new StateError(`"${database}" is in use: ${who} connected to it. Nothing was changed.`, {
    code: 'database_in_use',
    next: ['Close them, or end them with --force.'],
    details: {database, sessions},
  })
}

/** The error for a database that something other than a session holds: no force ends that. */
export function heldOtherwise(database: string, cause?: unknown): StateError {
  return new StateError(`"${database}" is held by a prepared transaction, a replication slot or a subscription. Nothing was changed.`, {
    code: 'database_held',
    next: ['See pg_prepared_xacts, pg_replication_slots and pg_subscription.'],
    details: {database},
    cause,
  })
}
