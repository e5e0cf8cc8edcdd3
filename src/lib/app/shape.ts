import type {Statement} from './statement.js'

/** The text of a query that answers in one row: `json`, and in `rows` how many rows that is. */
export interface ShapedRow {
  json: string
  rows: number
}

const everyRow = `select coalesce(json_agg(shaped), '[]')::text as json, count(*)::int as rows`

/** All rows as one JSON array. */
export function asArray({text}: Statement): string {
  return `${everyRow} from (\n${text}\n) as shaped`
}

/** Each row as one JSON object. */
export function asObjects({text}: Statement): string {
  return `select row_to_json(shaped)::text as json from (\n${text}\n) as shaped`
}

/** The first row as a JSON object. */
export function asObject(statement: Statement): string {
  return `${asObjects(statement)} limit 1`
}

/**
 * What a write returns, as one JSON array. Postgres takes a write only in the outermost WITH, so the statement becomes
 * the last entry of its own list.
 */
export function asWritten({text, main}: Statement): string {
  const list = main === 0 ? 'with' : `${text.slice(0, main)}\n,`
  return `${list} shaped as (\n${text.slice(main)}\n) ${everyRow} from shaped`
}
