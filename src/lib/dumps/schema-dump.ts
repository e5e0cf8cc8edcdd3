import type {OperationContext} from '../access/context.js'
import {StateError} from '../errors.js'
import {majorVersion} from '../postgres/connect/connect.js'
import {withDumpSession} from './dump-session.js'
import {OutputFile} from './output-file.js'
import {runInstalled} from './pg-dump/installed.js'
import {fixedArgs, PgDump} from './pg-dump/pg-dump.js'
import {portableSchema} from './schema-text.js'

export interface SchemaOptions {
  /** Whether the owners of objects and the privileges on them are part of the schema. */
  owners?: boolean
  /** The environment in which an installed pg_dump is looked for if the server is newer than ours. */
  env?: NodeJS.ProcessEnv
}

export interface SchemaDumpOptions extends SchemaOptions {
  cwd: string
  /** The file to write, relative to `cwd`. */
  file?: string
  /** Whether an existing file is replaced. */
  force?: boolean
}

export interface SchemaDumpResult {
  database: string
  /** The file that was written; null without --file. */
  file: string | null
  bytes: number
  /** The schema, unless it was written to a file. */
  sql?: string
}

/** A schema as SQL, without rows. */
export interface SchemaText {
  sql: string
  /** The major version of the server that has given its expressions their form. */
  major: number
}

/** Reads the schema of a database, and writes it to a file if one is named. The database is not changed. */
export async function dumpSchema(
  {cwd, file, force, ...options}: SchemaDumpOptions,
  context: OperationContext,
): Promise<SchemaDumpResult> {
  const {database} = context.target.url
  if (file === undefined) {
    const {sql} = await readSchema(options, context)
    return {database, file: null, bytes: Buffer.byteLength(sql), sql}
  }
  return OutputFile.write(file, {cwd, force}, async (handle) => {
    const {sql} = await readSchema(options, context)
    await handle.writeFile(sql)
    return {database, file, bytes: Buffer.byteLength(sql)}
  })
}

/**
 * Reads the schema of a database as SQL, without rows.
 * @throws ConnectionError, StateError, SqlError
 */
export async function readSchema({owners = false, env}: SchemaOptions, context: OperationContext): Promise<SchemaText> {
  const args = ['--schema-only', ...(owners ? [] : ['--no-owner', '--no-privileges'])]
  const {target, signal} = context
  try {
    return await PgDump.load((pgDump) =>
      withDumpSession(context, async (client) => ({
        sql: portableSchema(await pgDump.run(client, target.url, args)),
        major: majorVersion(client),
      })),
    )
  } catch (error) {
    if (!(error instanceof StateError) || error.code !== 'server_too_new' || env === undefined) throw error
    const major = Number(error.details['version'])
    const text = await runInstalled({target, version: major, args: [...fixedArgs, ...args], env, signal})
    if (text === undefined) throw error
    return {sql: portableSchema(text), major}
  }
}
