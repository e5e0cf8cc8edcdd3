import type {Statement} from './statement.js'

/** How the rows of a statement are made JSON: each is the text of an object. */
export type Shape = 'rows' | 'row' | 'written'

const asJson = 'select row_to_json(shaped)::text from'

/** The text of a statement whose rows are those of `statement` in that shape. */
export function shape(statement: Statement, as: Shape): string {
  return shapes[as](statement)
}

const shapes: Readonly<Record<Shape, (statement: Statement) => string>> = {
  /** The rows of a query. Sent one by one they arrive while the next are made, which one array of all would not. */
  rows: ({text}) => `${asJson} (\n${text}\n) as shaped`,
  /** The first row of a query. */
  row: (statement) => `${shapes.rows(statement)} limit 1`,
  /**
   * What a write returns; one without RETURNING is left as it is. Postgres takes a write only in the outermost WITH, so
   * the statement becomes the last entry of its own list.
   */
  written({text, main, givesRows}) {
    if (!givesRows) return text
    const list = main === 0 ? 'with' : `${text.slice(0, main)}\n,`
    return `${list} shaped as (\n${text.slice(main)}\n) ${asJson} shaped`
  },
}
