import type {OperationContext} from '../access/context.js'
import {CruddurError, InterruptedError} from '../errors.js'
import {dropDatabase} from '../postgres/catalog/databases.js'
import type {ServerDatabase, ServerDatabases} from '../postgres/catalog/server-databases.js'
import {isLost} from '../postgres/connect/connection.js'
import {sqlState, statementFailure} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {ownDatabases, unrecognizedDatabases} from './own-databases.js'

/**
 * Drops databases that belong to this program, and returns the names of those that were dropped. If one cannot be dropped,
 * a warning says how to drop it, because the command itself has succeeded.
 */
export async function discard(
  client: PostgresClient,
  names: string[],
  {force}: {force: boolean},
  {target: {url}, warn}: OperationContext,
): Promise<string[]> {
  const gone: string[] = []
  for (const name of names) {
    try {
      await dropDatabase(client, name, {force})
      gone.push(name)
    } catch (error) {
      const failure = statementFailure(error, url)
      if (!(failure instanceof CruddurError) || failure instanceof InterruptedError || isLost(client)) throw error
      warn(leftText(name, failure))
    }
  }

  return gone
}

/** The names of the databases that still exist. The oid is compared, because another database may have the name by now. */
export function stillThere(before: Array<Pick<ServerDatabase, 'oid' | 'name'>>, {byName}: ServerDatabases): string[] {
  return before.filter(({oid, name}) => byName.get(name)?.oid === oid).map(({name}) => name)
}

/** Drops what unfinished setups of the target have left behind, and reports databases that only look like that. */
export async function removeLeftovers(
  client: PostgresClient,
  databases: ServerDatabases,
  context: OperationContext,
): Promise<void> {
  const name = context.target.url.database
  for (const {name: other, reason} of unrecognizedDatabases(databases, name))
    context.progress(`Not dropped: "${other}" looks like a leftover of "${name}", but ${reason}.`)
  const [unfinished, replaced] = (['building', 'replaced'] as const).map((state) =>
    ownDatabases(databases, name, state).map((database) => database.name),
  )
  // Only the setup that created an unfinished database can be connected to it.
  const gone = await discard(client, unfinished ?? [], {force: true}, context)
  gone.push(...(await discard(client, replaced ?? [], {force: false}, context)))
  for (const leftover of gone) context.progress(`Removed "${leftover}", left behind by an unfinished setup.`)
}

function leftText(name: string, failure: CruddurError): string {
  const [reason, quoted] = [
    failure.message.replace(/ Nothing was changed\.$/, '').replace(/\.$/, ''),
    escapeIdentifier(name),
  ]
  const first = failure.code === sqlState.wrongObject ? `alter database ${quoted} is_template false; ` : ''
  return `"${name}" could not be dropped: ${reason}. To drop it: ${first}drop database ${quoted};`
}
