import {StateError} from '../errors.js'
import {serverIdentifier} from '../postgres/catalog.js'
import {changeDatabases} from '../postgres/databases.js'
import {withClaimedServer} from './claim-target.js'
import type {OperationContext} from './context.js'

/** What {@link protect} and {@link unprotect} did. */
export interface ProtectResult {
  database: string
  /** False where it was so already. */
  changed: boolean
}

/**
 * Marks the target's database itself as protected, on the server where it is now: whoever reaches it by any name or
 * URL is asked before he destroys it.
 * @throws StateError (`3D000` where there is no such database, `server_unidentified`)
 */
export async function protect(context: OperationContext): Promise<ProtectResult> {
  return note(true, context)
}

/**
 * Takes the mark away again, after the confirmation that the mark demands.
 * @throws StateError, RefusedError (`not_confirmed`)
 */
export async function unprotect(context: OperationContext): Promise<ProtectResult> {
  return note(false, context)
}

async function note(wanted: boolean, context: OperationContext): Promise<ProtectResult> {
  const name = context.target.url.database
  return withClaimedServer({guarded: !wanted}, context, async (client, {database}) => {
    if (database === undefined) {
      const next = ['Create it: cruddur-db create']
      throw new StateError(`The database "${name}" does not exist.`, {code: '3D000', next, details: {database: name}})
    }

    const server = wanted ? await serverIdentifier(client) : undefined
    if (wanted && server === undefined) {
      throw new StateError('The role may not ask the server for its identifier, so the mark cannot be bound to it.', {
        code: 'server_unidentified',
        next: ['Have a superuser run: grant execute on function pg_control_system() to public'],
      })
    }

    const changed = database.mark.protected !== server
    if (changed) await changeDatabases(client, [{name, note: {text: database.text, mark: {...database.mark, protected: server}}}])
    return {database: name, changed}
  })
}
