import {errorCode} from '../errors.js'
import {type Claim, claimDatabase} from '../postgres/claim.js'
import {type ConnectOptions, type PostgresClient, withClient} from '../postgres/client.js'
import {databaseName} from '../postgres/databases.js'
import {sqlState} from '../postgres/failures.js'
import {withMaintenanceClient} from '../postgres/maintenance.js'
import type {OperationContext} from './context.js'
import {guard} from './guard.js'
import {isUnfinished, mend} from './set-aside.js'

/** What {@link withClaimedServer} takes. */
export interface ClaimOptions extends Pick<ConnectOptions, 'outlivesAbort' | 'isLast'> {
  /** Whether the work destroys data, and so passes the guard and has the database to itself. */
  guarded: boolean
}

/**
 * Connects to the maintenance database, claims the target's for this session, mends what an earlier setup left
 * unfinished, passes the guard, and runs `use`.
 */
export async function withClaimedServer<T>(
  {guarded, ...how}: ClaimOptions,
  context: OperationContext,
  use: (client: PostgresClient, claim: Claim) => Promise<T>,
): Promise<T> {
  const {target: {url}, signal, early} = context
  return withMaintenanceClient(url, {signal, early, ...how}, async (client) => {
    let claim = await claimDatabase(client, url.database, {shared: !guarded})
    if (isUnfinished(claim, url.database)) {
      await mend(client, await claimDatabase(client, url.database), context)
      claim = await claimDatabase(client, url.database)
    }

    if (guarded) await guard(client, claim, context)
    return use(client, claim)
  })
}

/** What {@link withClaimedTarget} has found out of the client that it gives. */
export interface ClientFacts {
  /** The server's session goes back to a pooler after each transaction, as it is then. */
  pooled: boolean
}

/**
 * The same, connected to the target's own database, for work inside it, through a pooler too; a step of a setup has
 * claimed it already.
 */
export async function withClaimedTarget<T>(context: OperationContext, use: (client: PostgresClient, facts: ClientFacts) => Promise<T>): Promise<T> {
  const {target: {url}, signal, early, claimed} = context
  if (claimed !== undefined) return withClient(url, {signal, ...claimed}, (client) => use(client, {pooled: false}))
  const attempt = (): Promise<{value: T} | undefined> =>
    withClient(url, {signal, early}, (client) =>
      withClaim(client, context, async (claim, name, facts) => {
        if (isUnfinished(claim, name)) return undefined
        await guard(client, claim, context)
        return {value: await use(client, facts)}
      }),
    )
  const first = await attempt().catch((error: unknown) => {
    // A setup that was killed may have left the old database under another name.
    if (errorCode(error) === sqlState.missingDatabase) return undefined
    throw error
  })
  if (first !== undefined) return first.value
  await withClaimedServer({guarded: false}, context, () => Promise.resolve())
  const second = await attempt()
  if (second === undefined) throw new TypeError('a mended database is unfinished again')
  return second.value
}

/**
 * Claims the target's database from inside it. Behind a pooler a second connection claims it, by a transaction that is
 * kept open meanwhile, and by the name that the server has for it.
 */
async function withClaim<T>(
  client: PostgresClient,
  {target: {url}, signal}: OperationContext,
  use: (claim: Claim, name: string, facts: ClientFacts) => Promise<T>,
): Promise<T> {
  const claim = await claimDatabase(client, url.database).catch((error: unknown) => {
    if (errorCode(error) === 'pooled') return undefined
    throw error
  })
  if (claim !== undefined) return use(claim, url.database, {pooled: false})
  return withClient(url, {signal}, async (keeper) => {
    await keeper.query('begin; set local idle_in_transaction_session_timeout = 0')
    const name = await databaseName(keeper)
    return use(await claimDatabase(keeper, name, {transaction: true}), name, {pooled: true})
  })
}
