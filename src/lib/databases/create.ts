import type {OperationContext} from '../access/context.js'
import {despiteLoss, withLockedServer} from '../access/lock-target.js'
import {sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'

/** What `create` did. */
export interface CreateResult {
  database: string
  /** False where it was there already, which is no error. */
  created: boolean
}

/** Creates the target's database. */
export async function create(context: OperationContext): Promise<CreateResult> {
  const {database} = context.target.url
  return withLockedServer({onceStarted: 'create'}, context, async (server) => {
    const wasThere = server.databases.byName.has(database)
    // One that is there after a lost answer is the one that was to be made.
    const created = await despiteLoss(server, async (client, {byName}) =>
      byName.has(database) ? !wasThere : createDatabase(client, database),
    )
    return {database, created}
  })
}

/** Creates a database by a connection to the server; false where it is there already. */
async function createDatabase(client: PostgresClient, name: string): Promise<boolean> {
  try {
    await client.query(`create database ${escapeIdentifier(name)}`)
    return true
  } catch (error) {
    // A unique violation comes of two commands that create it at the same moment.
    const state = sqlStateOf(error)
    if (state !== sqlState.duplicateDatabase && state !== sqlState.uniqueViolation) throw error
    return false
  }
}
