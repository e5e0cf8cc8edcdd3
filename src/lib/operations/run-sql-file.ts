import {withClient} from '../postgres/client.js'
import {runSqlText} from '../script/run-file.js'
import {displayPath, findSqlFile, readSqlFile} from '../script/sql-file.js'
import {foldersUpward} from '../target/folders.js'
import type {OperationContext} from './context.js'

/** What {@link loadSchema} and {@link seed} take. */
export interface SqlFileOptions {
  /** The file that the user named; relative to `cwd`. */
  file?: string
  cwd: string
}

/** What was run, where. */
export interface SqlFileResult {
  database: string
  file: string
}

/** Runs the schema file on the target's database, all or nothing. */
export async function loadSchema(options: SqlFileOptions, context: OperationContext): Promise<SqlFileResult> {
  return runSqlFile('schema.sql', options, context)
}

/** Loads mock data into the target's database, all or nothing. */
export async function seed(options: SqlFileOptions, context: OperationContext): Promise<SqlFileResult> {
  return runSqlFile('seed.sql', options, context)
}

async function runSqlFile(name: string, options: SqlFileOptions, context: OperationContext): Promise<SqlFileResult> {
  const {cwd} = options
  const {target: {url}, progress, signal} = context
  const path = findSqlFile(name, foldersUpward(cwd), options.file)
  const file = displayPath(path, cwd)
  progress(`SQL file: ${file}`)
  const text = await readSqlFile(path)
  await withClient(url, {signal}, (client) => runSqlText(client, file, text))
  return {database: url.database, file}
}
