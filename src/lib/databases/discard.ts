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
 * Drops databases that are known to be ours. One that cannot be dropped is left, with a warning that has its name and what
 * to run: what was to be done is done all the same. Returns the names of those that are gone.
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

/** The names of those that are the same databases as before: after a lost session another one may have such a name. */
export function stillThere(before: Array<Pick<ServerDatabase, 'oid' | 'name'>>, {byName}: ServerDatabases): string[] {
  return before.filter(({oid, name}) => byName.get(name)?.oid === oid).map(({name}) => name)
}

/** Drops what setups of the target that did not finish have left, and names what only looks like that. */
export async function removeLeftovers(
  client: PostgresClient,
  databases: ServerDatabases,
  context: OperationContext,
): Promise<void> {
  const name = context.target.url.database
  for (const {name: other, reason} of unrecognizedDatabases(databases, name))
    context.progress(`Left alone: "${other}" looks like one of "${name}", but ${reason}.`)
  const [unfinished, replaced] = (['building', 'replaced'] as const).map((state) =>
    ownDatabases(databases, name, state).map((database) => database.name),
  )
  // Whoever is connected to an unfinished one is a session of the setup that made it.
  const gone = await discard(client, unfinished ?? [], {force: true}, context)
  gone.push(...(await discard(client, replaced ?? [], {force: false}, context)))
  for (const leftover of gone) context.progress(`Removed "${leftover}", which a setup that did not finish had left.`)
}

function leftText(name: string, failure: CruddurError): string {
  const [reason, quoted] = [
    failure.message.replace(/ Nothing was changed\.$/, '').replace(/\.$/, ''),
    escapeIdentifier(name),
  ]
  const first = failure.code === sqlState.wrongObject ? `alter database ${quoted} is_template false; ` : ''
  return `"${name}" is left over: ${reason}. To remove it: ${first}drop database ${quoted};`
}
