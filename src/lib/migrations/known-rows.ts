import type {OperationContext} from '../access/context.js'
import {withClient} from '../postgres/connect/client.js'
import {type ChangeOptions, nobodyKnows} from '../schema-change/change.js'
import {areFilled, findRows} from './plan/target.js'

/** What is known of the rows of a database; of what migrations or files make, nothing is. */
export function rowsOf(from: OperationContext | undefined): Pick<ChangeOptions, 'areFilled' | 'findRows'> {
  if (from === undefined) return {areFilled: (losses) => Promise.resolve(losses.map(() => true)), findRows: nobodyKnows}
  const {
    target: {url},
    signal,
  } = from
  return {
    areFilled: async (losses) => {
      const questions = losses.map(({table: {schema, name}, column}) => ({
        schema,
        name,
        ...(column !== null && {column}),
      }))
      return questions.length === 0 ? [] : withClient(url, {signal}, (client) => areFilled(client, questions))
    },
    findRows: async (queries) =>
      queries.length === 0 ? [] : withClient(url, {signal}, (client) => findRows(client, queries)),
  }
}
