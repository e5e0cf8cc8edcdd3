import {withClient, type PostgresClient} from '../postgres/client.js'
import {runSqlText} from '../script/run-file.js'
import {displayPath, findSqlFile, readSqlFile} from '../script/sql-file.js'
import {foldersUpward} from '../target/folders.js'
import {withClaimedTarget} from './claim-target.js'
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
  return runFile('schema.sql', options, context, (use) => withClaimedTarget(context, use))
}

/** Loads mock data into the target's database, all or nothing. */
export async function seed(options: SqlFileOptions, context: OperationContext): Promise<SqlFileResult> {
  return runFile('seed.sql', options, context, (use) => withClaimedTarget(context, use))
}

/** The same for a step of a setup, which has claimed the database and passed the guard already. */
export async function runScript(name: string, options: SqlFileOptions, context: OperationContext): Promise<SqlFileResult> {
  const {target, signal} = context
  return runFile(name, options, context, (use) => withClient(target.url, {signal}, use))
}

async function runFile(
  name: string,
  {file: chosen, cwd}: SqlFileOptions,
  {target, progress}: OperationContext,
  connected: (use: (client: PostgresClient) => Promise<void>) => Promise<void>,
): Promise<SqlFileResult> {
  const path = findSqlFile(name, foldersUpward(cwd), chosen)
  const file = displayPath(path, cwd)
  progress(`SQL file: ${file}`)
  const text = await readSqlFile(path)
  await connected((client) => runSqlText(client, file, text))
  return {database: target.url.database, file}
}
