import {escapeIdentifier} from '../postgres/identifier.js'
import {sqlState, sqlStateOf} from '../postgres/failures.js'
import {withMaintenanceClient} from '../postgres/maintenance.js'
import type {OperationContext} from './context.js'

/** What `create` did. */
export interface CreateResult {
  database: string
  /** False where it was there already, which is no error. */
  created: boolean
}

/** Creates the target's database. */
export async function create({target: {url}, signal}: OperationContext): Promise<CreateResult> {
  const {database} = url
  return withMaintenanceClient(url, {signal}, async (client) => {
    try {
      await client.query(`create database ${escapeIdentifier(database)}`)
      return {database, created: true}
    } catch (error) {
      // A unique violation comes of two commands that create it at the same moment.
      const state = sqlStateOf(error)
      if (state !== sqlState.duplicateDatabase && state !== sqlState.uniqueViolation) throw error
      return {database, created: false}
    }
  })
}
