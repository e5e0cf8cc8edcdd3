import {randomBytes} from 'node:crypto'
import type {OperationContext} from '../access/context.js'
import {dropDatabase} from '../postgres/catalog/databases.js'
import {createMarked} from '../postgres/catalog/marked-database.js'
import type {DatabaseMarker} from '../postgres/catalog/marker.js'
import {isOwnMarker, readServerDatabases, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {withMaintenanceClient} from '../postgres/connect/maintenance.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'

const prefix = 'cruddur_db_scratch_'
/** A scratch database without a session may be one that another command has made a moment ago. */
const leftAfterMs = 10 * 60 * 1000

/**
 * Runs `use` with a new database on the server of the context, which is dropped afterwards. It is empty, or a copy of another
 * scratch database, in which there must be no session.
 */
export async function withScratchDatabase<T>(
  context: OperationContext,
  use: (scratch: OperationContext) => Promise<T>,
  original?: OperationContext,
): Promise<T> {
  const {target, signal} = context
  // Ctrl-C must not end this session, because it drops the database.
  return withMaintenanceClient(target.url, {signal, onAbort: 'keep', isLast: true}, async (client) => {
    const databases = await readServerDatabases(client)
    await dropLeftovers(client, databases)
    const name = `${prefix}${randomBytes(6).toString('hex')}`
    const marker: DatabaseMarker = {state: 'scratch', name, server: databases.server, at: new Date().toISOString()}
    // Without the settings, extensions and objects that someone may have added to template1.
    const template = original === undefined ? 'template0' : escapeIdentifier(original.target.url.database)
    await createMarked(client, {name, clauses: `template ${template}`, comment: {text: '', marker}})
    try {
      const url = target.url.withDatabase(name)
      return await use({...context, preconnection: undefined, target: {...target, url}})
    } finally {
      await dropDatabase(client, name, {force: true})
    }
  })
}

/** Drops what commands that were killed have left behind. Only databases that were certainly made here count. */
async function dropLeftovers(client: PostgresClient, databases: ServerDatabases): Promise<void> {
  const before = new Date(Date.now() - leftAfterMs).toISOString()
  for (const database of databases.byName.values()) {
    const {name, marker, owner, sessions} = database
    const own = name.startsWith(prefix) && marker.state === 'scratch' && isOwnMarker(database, databases)
    if (!own || owner !== databases.role || sessions > 0 || String(marker.at) > before) continue
    await dropDatabase(client, name, {force: false}).catch(() => undefined)
  }
}
