import {describeContents, isProtectedHere, type DatabaseContents} from '../postgres/catalog.js'
import type {Claim} from '../postgres/claim.js'
import {type PostgresClient, withClient} from '../postgres/client.js'
import {sqlState} from '../postgres/failures.js'
import {errorCode} from '../errors.js'
import {protectionOf} from '../target/protection.js'
import type {OperationContext} from './context.js'

/**
 * The one guard: every operation that destroys or replaces data passes through it before it touches anything. On a
 * protected target it asks `context.authorize`, with what there is to lose.
 * @throws RefusedError (`not_confirmed`)
 */
export async function guard(client: PostgresClient, claim: Claim, context: OperationContext): Promise<void> {
  const {target, authorize} = context
  const known = await protectionOf(target.name, target.url)
  const protection = known ?? ((await isProtectedHere(client, claim.database?.mark ?? {})) ? 'mark' : undefined)
  if (protection === undefined) return
  await authorize({target, protection, contents: await contentsOf(context, client)})
}

/** What the target's database holds; undefined where there is none. `own` is a session not to be listed. */
export async function contentsOf({target, signal}: OperationContext, own?: PostgresClient): Promise<DatabaseContents | undefined> {
  try {
    return await withClient(target.url, {signal}, (client) => describeContents(client, own))
  } catch (error) {
    if (errorCode(error) === sqlState.missingDatabase) return undefined
    throw error
  }
}
