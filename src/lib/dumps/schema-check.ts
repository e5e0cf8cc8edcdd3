import type {OperationContext} from '../access/context.js'
import {CruddurError, InterruptedError} from '../errors.js'
import {displayPath} from '../sql-files/sql-file.js'
import {formatCount} from '../text/format.js'
import type {ScratchServer} from './file-schema.js'
import {diffSchemas, schemaFiles} from './schema-diff.js'

/** How the schema of a database compares with `sql/schema.sql`. */
export interface SchemaCheck {
  file: string
  /** The number of differences; null if the schemas could not be compared, or not all of them. */
  differences: number | null
  /** Why they could not be compared. */
  failure?: CruddurError
}

/** Compares the schema of a database with `sql/schema.sql`; undefined if there is no such file. */
export async function checkSchema(
  context: OperationContext,
  {cwd, scratch}: {cwd: string; scratch: readonly ScratchServer[]},
): Promise<SchemaCheck | undefined> {
  let file = 'sql/schema.sql'
  try {
    const files = schemaFiles(cwd)
    file = displayPath(files.path, cwd)
    const {name, url} = context.target
    const a = {label: name, context: {...context, preconnection: undefined}}
    const options = {a, b: {label: file, files}, cwd, database: url.database, owners: false, scratch}
    const {differences, skipped} = await diffSchemas(options)
    return {file, differences: differences.length === 0 && skipped.length > 0 ? null : differences.length}
  } catch (error) {
    if (!(error instanceof CruddurError) || error instanceof InterruptedError) throw error
    return error.code === 'schema_file_missing' ? undefined : {file, differences: null, failure: error}
  }
}

/** The row of doctor. `command` lists the differences. */
export function schemaLayer(
  {file, differences, failure}: SchemaCheck,
  command: string,
): {status: 'ok' | 'warning'; detail: string} {
  if (differences === 0) return {status: 'ok', detail: `the same as ${file}`}
  if (differences !== null)
    return {status: 'warning', detail: `${formatCount(differences, 'difference')} from ${file}. To list: ${command}`}
  const reason = failure === undefined ? '.' : `: ${failure.message}`
  return {status: 'warning', detail: `not compared with ${file}${reason} To try: ${command}`}
}
