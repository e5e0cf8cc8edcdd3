import type {OperationContext} from '../access/context.js'
import type {ChangeOptions} from '../schema-change/change.js'
import {findsRows, isFilledOn} from './plan/target.js'

/** What is known of the rows of a database; of what the migrations make, nothing is. */
export function rowsOf(from: OperationContext | undefined): Pick<ChangeOptions, 'isFilled' | 'findsRows'> {
  if (from === undefined) return {isFilled: () => Promise.resolve(true), findsRows: () => Promise.resolve(undefined)}
  return {
    isFilled: ({table: {schema, name}, column}) => isFilledOn(from, {schema, name, ...(column !== null && {column})}),
    findsRows: (query) => findsRows(from, query),
  }
}
