import type {OperationContext} from '../access/context.js'
import {despiteLoss, withLockedServer} from '../access/lock-target.js'
import {sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'

export interface CreateResult {
  database: string
  /** False if the database already existed, which is not an error. */
  created: boolean
}

export async function create(context: OperationContext): Promise<CreateResult> {
  const {database} = context.target.url
  return withLockedServer({onceStarted: true}, context, async (server) => {
    const wasThere = server.databases.byName.has(database)
    // If the server's answer was lost, the database that exists now is the one that we created.
    const created = await despiteLoss(server, async (client, {byName}) =>
      byName.has(database) ? !wasThere : createDatabase(client, database),
    )
    return {database, created}
  })
}

/** Creates the database; returns false if it already exists. */
async function createDatabase(client: PostgresClient, name: string): Promise<boolean> {
  try {
    await client.query(`create database ${escapeIdentifier(name)}`)
    return true
  } catch (error) {
    // Two commands that create it at the same moment get a unique violation.
    const state = sqlStateOf(error)
    if (state !== sqlState.duplicateDatabase && state !== sqlState.uniqueViolation) throw error
    return false
  }
}
