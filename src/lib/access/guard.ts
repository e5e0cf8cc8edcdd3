import {CruddurError, InterruptedError} from '../errors.js'
import {catalogQuery, describeContents, serverIdentifier} from '../postgres/catalog/catalog.js'
import {filledTables} from '../postgres/catalog/filled-tables.js'
import {type DatabaseMarker, readComment} from '../postgres/catalog/marker.js'
import {readServerDatabases, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import type {Session} from '../postgres/catalog/session.js'
import {connectedServer, withClient} from '../postgres/connect/client.js'
import {withMaintenanceClient} from '../postgres/connect/maintenance.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {type Protection, protectionOf} from '../targets/protection.js'
import type {Target} from '../targets/target.js'
import type {OperationContext, Risk} from './context.js'
import type {Effect, Work} from './effect.js'

export interface GuardOptions {
  work: Work
  /** The server's name of the database, if a pooler has another name for it. */
  name?: string
  /** Other databases that would be dropped. If one of them is marked, the work must be confirmed. */
  also?: (databases: ServerDatabases) => {marker: DatabaseMarker}[]
}

/**
 * Every operation that destroys or replaces data calls this before it changes anything. On a protected target it calls
 * `context.authorize` with what would be lost, and returns whether it did.
 * @throws RefusedError (`not_confirmed`)
 */
export async function guard(
  client: PostgresClient,
  databases: ServerDatabases,
  context: OperationContext,
  {work, name, also}: GuardOptions,
): Promise<boolean> {
  const {target, authorize} = context
  const own = databases.byName.get(name ?? target.url.database)
  const markers = [...(own === undefined ? [] : [own]), ...(also?.(databases) ?? [])].map(({marker}) => marker)
  const protection = protectionOfClient(target, client) ?? protectionByMarkers(markers, databases.server)
  if (protection === undefined) return false
  const risk = await riskOf(context, protection, work, {own: client, databases})
  if (own === undefined && losesNothing(risk)) return false
  await authorize(risk)
  return true
}

/** Whether there is nothing to drop, so that nothing need be confirmed. */
export function losesNothing({effect, exists}: Risk): boolean {
  return effect.kind === 'drop' && exists === false && effect.discards?.length === 0
}

/** Whether the target's name or the connected server protects it, and why. */
export function protectionOfClient({name, url}: Target, client: PostgresClient): Protection | undefined {
  return protectionOf(name, url, connectedServer(client).address)
}

/** Whether a marker of `protect` protects: one of this server, or one of another server, for example before an upgrade. */
export function protectionByMarkers(
  markers: readonly DatabaseMarker[],
  server: string | undefined,
): Protection | undefined {
  const protecting = markers.filter((marker) => marker.protected !== undefined)
  if (protecting.length === 0) return undefined
  return protecting.some((marker) => marker.protected === server || server === undefined) ? 'mark' : 'foreign mark'
}

interface Known {
  /** A session of this command, which must not be listed. */
  own?: PostgresClient
  databases?: ServerDatabases
}

/** Describes the work and what would be lost, as far as the server answers. */
export async function riskOf(
  context: OperationContext,
  protection: Protection,
  work: Work,
  {own, databases: known}: Known = {},
): Promise<Risk> {
  const {target, signal} = context
  const {url} = target
  const inside = await unlessRefused(
    withClient(url, {signal}, async (client) => ({
      contents: await describeContents(client, own),
      filled: work.readsRows === true ? await filledTables(client) : undefined,
      databases: known ?? (await unlessRefused(readServerDatabases(client))),
    })),
  )
  // If the database cannot be entered, the server may still list it.
  const databases =
    known ?? inside?.databases ?? (await unlessRefused(withMaintenanceClient(url, {signal}, readServerDatabases)))
  const exists = inside === undefined ? databases?.byName.has(url.database) : true
  const effect = await work.effect({databases, filled: inside?.filled})
  return {target, protection, effect, contents: inside?.contents, exists}
}

/** Returns undefined if the server cannot be reached or does not answer. */
async function unlessRefused<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CruddurError && !(error instanceof InterruptedError)) return undefined
    throw error
  }
}

/**
 * The guard for commands that change or delete only some rows.
 * @throws RefusedError (`not_confirmed`)
 */
export async function guardRows(effect: Effect, {target, signal, authorize}: OperationContext): Promise<void> {
  const known = protectionOf(target.name, target.url)
  const protection =
    known ??
    (await withClient(
      target.url,
      {signal},
      async (client) => protectionOfClient(target, client) ?? protectionOfNames(client),
    ))
  if (protection !== undefined) await authorize({target, protection, effect})
}

/**
 * The guard for commands that end sessions. They must be confirmed if the target is protected, or a database of one of
 * the sessions is marked.
 * @throws RefusedError (`not_confirmed`)
 */
export async function guardSessions(
  client: PostgresClient,
  sessions: Session[],
  {cancel}: {cancel: boolean},
  context: OperationContext,
): Promise<void> {
  const {target, authorize} = context
  const protection = await protectionOfSessions(client, sessions, context)
  if (protection !== undefined)
    await authorize({target, protection, sessions, effect: {kind: 'sessions:kill', count: sessions.length, cancel}})
}

/** Why ending these sessions must be confirmed; undefined if it need not be. */
export async function protectionOfSessions(
  client: PostgresClient,
  sessions: Session[],
  {target}: Pick<OperationContext, 'target'>,
): Promise<Protection | undefined> {
  return (
    protectionOfClient(target, client) ??
    protectionOfNames(client, [target.url.database, ...sessions.flatMap(({database}) => database ?? [])])
  )
}

/** Whether a marker protects one of these databases, or without names the connected database. */
export async function protectionOfNames(client: PostgresClient, names?: string[]): Promise<Protection | undefined> {
  const {rows} = await client.query<{comment: string | null}>(catalogQuery('comments'), [
    names === undefined ? null : [...new Set(names)],
  ])
  const markers = rows.map(({comment}) => readComment(comment).marker)
  return protectionByMarkers(
    markers,
    markers.some((marker) => marker.protected !== undefined) ? await serverIdentifier(client) : undefined,
  )
}
