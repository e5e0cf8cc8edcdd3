import {catalogQuery, describeContents, isProtectedHere, type DatabaseContents} from '../postgres/catalog.js'
import type {Claim} from '../postgres/claim.js'
import {type PostgresClient, withClient} from '../postgres/client.js'
import {sqlState} from '../postgres/failures.js'
import {readMark} from '../postgres/mark.js'
import type {Session} from '../postgres/sessions.js'
import {errorCode} from '../errors.js'
import {protectionOf, type Protection} from '../target/protection.js'
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

/**
 * The same before sessions are ended: it asks, with those sessions, where the target is protected or any database that
 * they are in is marked.
 * @throws RefusedError (`not_confirmed`)
 */
export async function guardSessions(client: PostgresClient, sessions: Session[], context: OperationContext): Promise<void> {
  const {target, authorize} = context
  const protection = await protectionOfSessions(client, sessions, context)
  if (protection !== undefined) await authorize({target, protection, sessions})
}

/** Why ending those sessions must be confirmed; undefined where it need not be. */
export async function protectionOfSessions(client: PostgresClient, sessions: Session[], {target}: Pick<OperationContext, 'target'>): Promise<Protection | undefined> {
  const named = await protectionOf(target.name, target.url)
  if (named !== undefined) return named
  const names = new Set([target.url.database, ...sessions.flatMap(({database}) => database ?? [])])
  const {rows} = await client.query<{comment: string | null}>(catalogQuery('comments'), [[...names]])
  for (const {comment} of rows) if (await isProtectedHere(client, readMark(comment).mark)) return 'mark'

  return undefined
}
