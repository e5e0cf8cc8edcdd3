import {endsSession, sqlStateOf} from '../../postgres/connect/failures.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'

/** A value as the server writes it. */
export type Text = string | null

/** A statement that the server refused. */
export class Refusal {
  constructor(readonly message: string) {}
}

const savepoint = 'cruddur_db_rows'
/** Values are written in one way, whatever the session, the database and the role have set. */
const settings = `set local search_path = pg_catalog; set local datestyle = 'ISO, YMD'; set local intervalstyle = postgres;
set local timezone = 'UTC'; set local bytea_output = hex; set local extra_float_digits = 1; set local row_security = on;
set local standard_conforming_strings = on`
const wireTypes = {getTypeParser: () => (text: string) => text}

/** Runs `work` in a transaction in which names mean what they mean in pg_catalog, and values have one form. */
export async function inTransaction<T>(client: PostgresClient, work: () => Promise<T>): Promise<T> {
  await client.query(`begin; ${settings}`)
  try {
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    if (!endsSession(error)) await client.query('rollback')
    throw error
  }
}

/**
 * Runs one statement in a savepoint and returns its rows as text. What the server refuses is returned, and leaves nothing
 * behind.
 */
export async function attempt(client: PostgresClient, statement: string): Promise<Text[][] | Refusal> {
  try {
    const results = await rowsOfAll(client, `savepoint ${savepoint}; ${statement}; release ${savepoint}`)
    return results[1] ?? []
  } catch (error) {
    if (sqlStateOf(error) === undefined || endsSession(error)) throw error
    await client.query(`rollback to ${savepoint}; release ${savepoint}`)
    return new Refusal((error as Error).message)
  }
}

/** The rows of each statement of a text, as text. */
export async function rowsOfAll(client: PostgresClient, statements: string): Promise<Text[][][]> {
  const results: unknown = await client.query({text: statements, rowMode: 'array', types: wireTypes})
  return (Array.isArray(results) ? results : [results]).map(({rows}: {rows: Text[][]}) => rows)
}
