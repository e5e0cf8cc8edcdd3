import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {despiteLoss, withLockedServer} from '../access/lock-target.js'
import {StateError} from '../errors.js'
import {changeDatabases} from '../postgres/catalog/databases.js'

/** What {@link protect} and {@link unprotect} did. */
export interface ProtectResult {
  database: string
  /** False where it was so already. */
  changed: boolean
}

/** The server does not tell its identifier to the role: a marker without it protects everywhere. */
const unidentified = 'unidentified'

/**
 * Marks the target's database itself as protected: whoever reaches it by any name or URL is asked before he destroys it.
 * @throws StateError (`3D000` where there is no such database)
 */
export async function protect(context: OperationContext): Promise<ProtectResult> {
  return mark(true, context)
}

/** What {@link unprotect} will do to any target. */
export const unprotectWork: Work = {effect: () => ({kind: 'unprotect'})}

/**
 * Takes the mark away again, after the confirmation that the mark demands.
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
        const next = ['Create it: cruddur-db create']
        throw new StateError(`The database "${name}" does not exist.`, {code: '3D000', next, details: {database: name}})
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
