import {setTimeout as sleep} from 'node:timers/promises'
import {StateError} from '../../errors.js'
import {together} from '../connect/client.js'
import {sqlState, sqlStateOf} from '../connect/failures.js'
import type {PostgresClient} from '../connect/postgres-client.js'
import {escapeIdentifier, escapeLiteral} from '../wire/escape.js'
import {type DatabaseComment, writeComment} from './marker.js'
import {sessionsOfDatabase} from './sessions.js'

/** A change of a database's name, comment or template flag. */
export interface DatabaseChange {
  /** Identifies the database, because another one may have its name by now. */
  oid: number
  name: string
  renameTo?: string
  /** The new comment. */
  comment?: DatabaseComment
  /** The new value of IS_TEMPLATE. */
  template?: boolean
}

/** How long a rename waits for sessions to leave, in milliseconds. New sessions wait for the rename meanwhile. */
const renameWaitMs = 400
/** The time between two tries, in which sessions can come and go. */
const retryPauseMs = 500
const maxTries = 6
/** A SQLSTATE of our own, in a class that Postgres leaves to applications. */
const notTheSame = 'ZC001'

/** The server's name of the connected database. A pooler may have another name for it. */
export async function databaseName(client: PostgresClient): Promise<string> {
  const {
    rows: [row],
  } = await client.query<{name: string}>('select current_database() as name')
  return row?.name ?? ''
}

/**
 * Makes all changes or none, in one transaction and one round trip, and only if each name still belongs to its oid. A
 * rename fails while someone is connected, so it is tried several times within five seconds. With `force` the sessions are
 * ended before each try.
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
        await sleep(retryPauseMs)
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
    // Sent in the same round trip, so that no client can reconnect before the rename has its lock.
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

/** A statement that fails the transaction unless each new name belongs to its oid. */
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

/** Drops a database; `force` ends its sessions. Returns false if it did not exist. */
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
  const sessions = await sessionsOfDatabase(client, {database})
  if (sessions.length === 0) return
  const who = sessions.length === 1 ? '1 session is' : `${sessions.length} sessions are`
  throw new StateError(`"${database}" is in use: ${who} connected to it. Nothing was changed.`, {
    code: 'database_in_use',
    next: ['Close them, or use --force to end them.'],
    details: {database, sessions},
  })
}

/** The error for a database that is held by something other than a session, which --force cannot end. */
export function heldOtherwise(database: string, cause?: unknown): StateError {
  return new StateError(
    `"${database}" is held by a prepared transaction, a replication slot or a subscription. Nothing was changed.`,
    {
      code: 'database_held',
      next: ['Look into pg_prepared_xacts, pg_replication_slots and pg_subscription.'],
      details: {database},
      cause,
    },
  )
}

/** The error for a database that was created, dropped or replaced during the command. */
export function databaseChanged(database: string, cause?: unknown): StateError {
  return new StateError(`Someone else created, dropped or replaced "${database}" meanwhile. Nothing was changed.`, {
    code: 'database_changed',
    next: ['Check the database, then run the command again.'],
    details: {database},
    cause,
  })
}
