import type {Statement} from './statement.js'

/** How the rows of a statement are converted to JSON objects. */
export type Shape = 'rows' | 'row' | 'value' | 'written'

const asJson = 'select row_to_json(shaped)::text from'

/** The text of a statement that returns the rows of `statement` in that shape. */
export function shape(statement: Statement, as: Shape): string {
  return shapes[as](statement)
}

const shapes: Readonly<Record<Shape, (statement: Statement) => string>> = {
  /** All rows of a query. As single rows they arrive while the next ones are computed, unlike one array. */
  rows: ({text}) => `${asJson} (\n${text}\n) as shaped`,
  /** The first row of a query. */
  row: (statement) => `${shapes.rows(statement)} limit 1`,
  /** The first column of the first row, by its position: names may be equal, and JavaScript sorts those that are numbers. */
  value: ({text}) =>
    `select (select value::text from json_each(row_to_json(shaped)) limit 1) from (\n${text}\n) as shaped limit 1`,
  /**
   * The rows of RETURNING; a write without it is not changed. Postgres allows a write only in the outermost WITH, so the
   * statement becomes the last entry of its own WITH list.
   */
  written({text, main, givesRows}) {
    if (!givesRows) return text
    const list = main === 0 ? 'with' : `${text.slice(0, main)}\n,`
    return `${list} shaped as (\n${text.slice(main)}\n) ${asJson} shaped`
  },
}
