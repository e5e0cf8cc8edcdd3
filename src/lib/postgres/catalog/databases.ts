import {setTimeout as sleep} from 'node:timers/promises'
import {StateError} from '../../errors.js'
import {together} from '../connect/client.js'
import {sqlState, sqlStateOf} from '../connect/failures.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {escapeIdentifier, escapeLiteral} from '../wire/escape.js'
import {type DatabaseComment, writeComment} from './marker.js'
import {listSessions} from './sessions.js'

/** A change to a database's name, its comment, or both. */
export interface DatabaseChange {
  /** The number of the database that is meant: under its name there may be another by now. */
  oid: number
  name: string
  renameTo?: string
  /** The comment from now on. */
  comment?: DatabaseComment
  /** Whether it is a template from now on. */
  template?: boolean
}

/** While a rename waits for sessions to leave, new ones wait for it: so long at most, in milliseconds. */
const renameWaitMs = 400
/** Between two tries sessions come and go as they like. */
const pauseMs = 500
const maxTries = 6
/** Ours, of a class that Postgres leaves to applications. */
const notTheSame = 'ZC001'

/** The server's name for the database that the client is connected to: a pooler may know it by another. */
export async function databaseName(client: PostgresClient): Promise<string> {
  const {
    rows: [row],
  } = await client.query<{name: string}>('select current_database() as name')
  return row?.name ?? ''
}

/**
 * Makes all changes or none, in one transaction and one round trip, and only if each name stood for the database that is
 * meant. A rename needs that nobody is connected at that moment: it is tried several times within five seconds; with
 * `force` the sessions are ended before each.
 * @throws StateError (`database_in_use`) with `details.sessions`, (`database_held`), (`database_changed`)
 */
export async function changeDatabases(
  client: PostgresClient,
  changes: DatabaseChange[],
  {force}: {force: boolean},
): Promise<void> {
  const renamed = changes.filter(({renameTo}) => renameTo !== undefined)
  const names = [...new Map(renamed.map(({oid, name}) => [oid, name] as const).reverse()).values()]
  for (let tries = 1; ; tries += 1) {
    try {
      return await change(client, changes, force ? renamed.map(({oid}) => oid) : [])
    } catch (error) {
      await client.query('rollback')
      const state = sqlStateOf(error)
      if (state === notTheSame || state === sqlState.missingDatabase || state === sqlState.duplicateDatabase)
        throw databaseChanged(changes[0]?.name ?? '', error)
      if (state !== sqlState.objectInUse && state !== sqlState.queryCanceled) throw error
      if (tries < maxTries) {
        await sleep(pauseMs)
        continue
      }

      for (const name of names) await refuseWhileInUse(client, name)
      throw heldOtherwise(names.join(', '), error)
    }
  }
}

async function change(client: PostgresClient, changes: DatabaseChange[], ending: number[]): Promise<void> {
  const limit = `set local statement_timeout = ${renameWaitMs}`
  const sql = ['begin', limit, ...changes.flatMap(statements), sameDatabases(changes), 'commit'].join(';\n')
  await together(client, () => [
    // Sent ahead in the same round trip, so that no client can be back before the rename has the lock.
    ending.length === 0
      ? undefined
      : client
          .query(
            'select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datid = any($1) and pid <> pg_backend_pid()',
            [ending],
          )
          .catch(() => undefined),
    client.query(sql),
  ])
}

function statements({name, renameTo, comment, template}: DatabaseChange): string[] {
  const database = escapeIdentifier(renameTo ?? name)
  const lines: string[] = []
  if (renameTo !== undefined) lines.push(`alter database ${escapeIdentifier(name)} rename to ${database}`)
  if (template !== undefined) lines.push(`alter database ${database} is_template ${template}`)
  if (comment !== undefined) {
    const text = writeComment(comment)
    lines.push(`comment on database ${database} is ${text === null ? 'null' : escapeLiteral(text)}`)
  }

  return lines
}

/** Fails the transaction unless each of its last names is that of the database that was meant. */
function sameDatabases(changes: DatabaseChange[]): string {
  const last = new Map(changes.map(({oid, name, renameTo}) => [oid, renameTo ?? name]))
  const pairs = [...last].map(([oid, name]) => `(${Number(oid)}, ${escapeLiteral(name)})`)
  const body = `begin
    if (select count(*) from pg_catalog.pg_database where (oid::bigint, datname::text) in (${pairs.join(', ')})) <> ${last.size} then
      raise sqlstate '${notTheSame}';
    end if;
  end`
  return `do ${escapeLiteral(body)}`
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
  return new StateError(
    `"${database}" is held by a prepared transaction, a replication slot or a subscription. Nothing was changed.`,
    {
      code: 'database_held',
      next: ['See pg_prepared_xacts, pg_replication_slots and pg_subscription.'],
      details: {database},
      cause,
    },
  )
}

/** The error for a name that stands for another database than it did, or for one where there was none. */
export function databaseChanged(database: string, cause?: unknown): StateError {
  return new StateError(
    `"${database}" was created, dropped or replaced by someone else meanwhile. Nothing was changed.`,
    {
      code: 'database_changed',
      next: ['Look at it, and run the command again if it is still what you want.'],
      details: {database},
      cause,
    },
  )
}
