import type {OperationContext} from '../access/context.js'
import {withClient} from '../postgres/connect/client.js'
import {Facts, planActions} from './facts.js'
import type {StableId} from './pg-delta.js'
import type {Loss} from './questions.js'

/**
 * Adds what is to be kept to the database with the new schema, with what belongs to it, so that it is part of what is wanted.
 * @returns what that database then has
 */
export async function keepLosses(
  database: OperationContext,
  before: Facts,
  wanted: Facts,
  kept: readonly Loss[],
): Promise<Facts> {
  const actions = await planActions(wanted, before)
  const isKept = (id: StableId): boolean => kept.some((loss) => belongsTo(id, loss))
  return withClient(database.target.url, {signal: database.signal}, async (client) => {
    for (const {sql, produces, consumes} of actions)
      // What needs something else that is not there any more, for example another column, cannot be kept.
      if ([...produces, ...consumes].some(isKept)) await client.query(sql).catch(() => undefined)
    return Facts.read(client)
  })
}

function belongsTo(id: StableId, {table, column}: Loss): boolean {
  if ('schema' in id && id.schema !== table.schema) return false
  if (column === null)
    return (id.kind === 'table' && id.name === table.name) || ('table' in id && id.table === table.name)
  return (id.kind === 'column' || id.kind === 'default') && id.table === table.name && id.name === column
}
