import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {despiteLoss, withLockedServer} from '../access/lock-target.js'
import {StateError} from '../errors.js'
import {changeDatabases} from '../postgres/catalog/databases.js'

export interface ProtectResult {
  database: string
  /** False if nothing had to be changed. */
  changed: boolean
}

/** Used if the role may not read the server's identifier. Such a marker protects on every server. */
const unidentified = 'unidentified'

/**
 * Sets a marker on the target's database, so that it is protected whichever name or URL is used.
 * @throws StateError (`3D000` if the database does not exist)
 */
export async function protect(context: OperationContext): Promise<ProtectResult> {
  return mark(true, context)
}

/** Describes what {@link unprotect} will do, for the guard. */
export const unprotectWork: Work = {effect: () => ({kind: 'unprotect'})}

/**
 * Removes the marker. This must be confirmed like any work on a protected database.
 * @throws StateError, RefusedError (`not_confirmed`)
 */
export async function unprotect(context: OperationContext): Promise<ProtectResult> {
  return mark(false, context)
}

async function mark(wanted: boolean, context: OperationContext): Promise<ProtectResult> {
  const name = context.target.url.database
  let changed = false
  return withLockedServer({guarded: wanted ? undefined : {work: unprotectWork}}, context, (server) =>
    despiteLoss(server, async (client, {byName, server: identifier}) => {
      const database = byName.get(name)
      if (database === undefined) {
        throw new StateError(`The database "${name}" does not exist. Nothing was changed.`, {
          code: '3D000',
          details: {database: name},
        })
      }

      const {oid, text, marker} = database
      const protection = wanted ? (identifier ?? unidentified) : undefined
      const differs = marker.protected !== protection
      changed ||= differs
      if (differs)
        await changeDatabases(client, [{oid, name, comment: {text, marker: {...marker, protected: protection}}}], {
          force: false,
        })
      return {database: name, changed}
    }),
  )
}
