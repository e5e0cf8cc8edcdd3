import {CruddurError, InterruptedError} from '../errors.js'
import {catalogQuery, type DatabaseContents, describeContents, serverIdentifier} from '../postgres/catalog/catalog.js'
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
import type {Effect, Seen, Work} from './effect.js'

/** What {@link guard} looks at beside the target. */
export interface GuardOptions {
  /** What is to be confirmed. */
  work: Work
  /** The server's name for the target's database, where a pooler has another. */
  name?: string
  /** Further databases that would be dropped, by what the server's are: one that is marked protects all. */
  also?: (databases: ServerDatabases) => {marker: DatabaseMarker}[]
}

/**
 * The one guard: every operation that destroys or replaces data passes through it before it touches anything. On a
 * protected target it asks `context.authorize`, with what there is to lose; whether it did is returned.
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
  await authorize(await riskOf(context, protection, work, {own: client, databases}))
  return true
}

/** Why the target is protected by its name or by the server that the client is connected to. */
export function protectionOfClient({name, url}: Target, client: PostgresClient): Protection | undefined {
  return protectionOf(name, url, connectedServer(client).address)
}

/** Whether any of the markers protects: made by `protect` on this server, or on one of another identifier. */
export function protectionByMarkers(
  markers: readonly DatabaseMarker[],
  server: string | undefined,
): Protection | undefined {
  const protecting = markers.filter((marker) => marker.protected !== undefined)
  if (protecting.length === 0) return undefined
  return protecting.some((marker) => marker.protected === server || server === undefined) ? 'mark' : 'foreign mark'
}

/** What {@link riskOf} knows already. */
interface Known {
  /** A session of this command, which is not to be listed. */
  own?: PostgresClient
  databases?: ServerDatabases
}

/** What a session on the target's database tells. */
type Inside = Pick<Seen, 'filled'> & {contents?: DatabaseContents}

/** The work on the target with what it will do and what there is to lose, as far as the server answers. */
export async function riskOf(
  context: OperationContext,
  protection: Protection,
  work: Work,
  {own, databases: known}: Known = {},
): Promise<Risk> {
  const {target, signal} = context
  const {url} = target
  const [{contents, filled} = {}, databases] = await Promise.all([
    unlessRefused(
      withClient(url, {signal}, async (client): Promise<Inside> => {
        const described = await describeContents(client, own)
        return {contents: described, filled: work.readsRows === true ? await filledTables(client) : undefined}
      }),
    ),
    known ?? unlessRefused(withMaintenanceClient(url, {signal}, readServerDatabases)),
  ])
  const exists = contents === undefined ? databases?.byName.has(url.database) : true
  return {target, protection, effect: await work.effect({databases, filled}), contents, exists}
}

/** Undefined where the server cannot be reached or does not tell. */
async function unlessRefused<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CruddurError && !(error instanceof InterruptedError)) return undefined
    throw error
  }
}

/**
 * The same before some rows are changed or deleted, by work that asks for nothing else of the server.
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
 * The same before sessions are ended: it asks, with those sessions, where the target is protected or any database that
 * they are in is marked.
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

/** Why ending those sessions must be confirmed; undefined where it need not be. */
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

/** Why one of the databases of these names, or the one that the client is connected to, is protected by its marker. */
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
