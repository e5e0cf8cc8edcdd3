import type {Statement} from './statement.js'

/** Makes of a statement one whose rows are each the JSON text of an object. */
export type Shape = (statement: Statement) => string

const asJson = 'select row_to_json(shaped)::text from'

/** The rows of a query. Sent one by one they arrive while the next are made, which one array of all would not. */
export const asRows: Shape = ({text}) => `${asJson} (\n${text}\n) as shaped`

/** The first row of a query. */
export const asRow: Shape = (statement) => `${asRows(statement)} limit 1`

/**
 * What a write returns; one without RETURNING is left as it is. Postgres takes a write only in the outermost WITH, so the
 * statement becomes the last entry of its own list.
 */
export const asWritten: Shape = ({text, main, givesRows}) => {
  if (!givesRows) return text
  const list = main === 0 ? 'with' : `${text.slice(0, main)}\n,`
  return `${list} shaped as (\n${text.slice(main)}\n) ${asJson} shaped`
}
