import {StateError} from '../errors.js'
import {databaseSizes} from '../postgres/catalog.js'
import type {Claim, MarkedDatabase} from '../postgres/claim.js'
import {changeDatabases, type DatabaseChange, databaseNames, dropDatabase, freeName, refuseWhileInUse} from '../postgres/databases.js'
import {withClaimedServer} from './claim-target.js'
import type {OperationContext} from './context.js'
import {settled, standingFor} from './set-aside.js'

/** The old database that the last setup kept. */
export interface KeptDatabase {
  name: string
  /** When the setup took it out of use, in ISO 8601. */
  at: string | undefined
  /** Its size on disk; null where the role may not ask for it. */
  bytes: number | null
}

/** What {@link undo} takes. */
export interface UndoOptions {
  /** Ends the sessions that are connected instead of failing. */
  force?: boolean
}

/**
 * Swaps the target's database with the one that the last setup kept, in one transaction; done again it swaps back.
 * @throws StateError (`nothing_kept`, `database_in_use`), RefusedError (`not_confirmed`)
 */
export async function undo({force = false}: UndoOptions, context: OperationContext): Promise<{database: string; at: string | undefined}> {
  const {url} = context.target
  return withClaimedServer({guarded: true}, context, async (client, claim) => {
    const name = url.database
    const kept = keptOf(claim, name)
    const back: DatabaseChange = {name: kept.name, renameTo: name, note: settled(kept)}
    const changes = [back]
    if (claim.database !== undefined) {
      if (!force) await refuseWhileInUse(client, name)
      const renameTo = freeName(name, 'swap', await databaseNames(client))
      const note = {text: claim.database.text, mark: {...claim.database.mark, state: 'kept', of: name, at: new Date().toISOString()} as const}
      changes.unshift({name, renameTo, note})
      changes.push({name: renameTo, renameTo: kept.name})
    }

    await changeDatabases(client, changes, {force: force ? url : undefined})
    return {database: name, at: kept.mark.at}
  })
}

/** What is kept for undo: nothing, or one database. */
export async function listKept(context: OperationContext): Promise<KeptDatabase[]> {
  const {database} = context.target.url
  return withClaimedServer({guarded: false}, context, async (client, claim) => {
    const kept = standingFor(claim, database, 'kept')
    const sizes = await databaseSizes(client, kept.map(({name}) => name))
    return kept.map(({name, mark}) => ({name, at: mark.at, bytes: sizes.get(name) ?? null}))
  })
}

/**
 * Drops what is kept for undo.
 * @throws StateError (`nothing_kept`, `database_in_use`), RefusedError (`not_confirmed`)
 */
export async function discardKept({force = false}: UndoOptions, context: OperationContext): Promise<{discarded: string}> {
  const {database} = context.target.url
  return withClaimedServer({guarded: true}, context, async (client, claim) => {
    const {name} = keptOf(claim, database)
    if (!force) await refuseWhileInUse(client, name)
    await dropDatabase(client, name, {force})
    return {discarded: name}
  })
}

function keptOf(claim: Claim, name: string): MarkedDatabase {
  const [kept] = standingFor(claim, name, 'kept')
  if (kept !== undefined) return kept
  throw new StateError(`Nothing is kept of "${name}" to go back to.`, {
    code: 'nothing_kept',
    next: ['The old database is kept by cruddur-db setup on local, without --no-undo.'],
    details: {database: name},
  })
}
