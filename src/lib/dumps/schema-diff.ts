import {statSync} from 'node:fs'
import {resolve} from 'node:path'
import type {OperationContext} from '../access/context.js'
import {errorCode} from '../errors.js'
import {findSchema, type FoundScripts} from '../sql-files/sql-file.js'
import {foldersOfRepository} from '../targets/folders.js'
import {onBestServer} from './best-server.js'
import {compareSchemas, type SchemaDifference} from './compare.js'
import {
  type FileSchemaOptions,
  type LoadedSchema,
  type ScratchServer,
  schemaOfFiles,
  schemaOfText,
} from './file-schema.js'
import type {SkippedStatement} from './load-schema.js'
import {readSchema} from './schema-dump.js'

/** One of the two schemas: of a database, of SQL files, or one that is made on a server. */
export type SchemaSource = {label: string} & (
  {context: OperationContext} | {files: FoundScripts} | {schemaOn: SchemaOn}
)

export interface SchemaDiffOptions extends FileSchemaOptions {
  a: SchemaSource
  b: SchemaSource
  /** Servers on which files are loaded: the first that has all that the files need is used. */
  scratch: readonly ScratchServer[]
}

export interface SchemaDiffResult {
  /** The two schemas: names of targets, or files. */
  a: string
  b: string
  differences: SchemaDifference[]
  /** What could not be compared, because the server on which it was loaded lacks something. */
  skipped: SkippedStatement[]
}

/**
 * The files of a schema: a SQL file, or `sql/schema.sql` in a folder or, if none is named, in the nearest folder.
 * @throws ConfigurationError (`schema_file_missing`, `file_missing`)
 */
export function schemaFiles(cwd: string, named?: string): FoundScripts {
  if (named === undefined) return findSchema(foldersOfRepository(cwd))
  const path = resolve(cwd, named)
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() ? findSchema([path]) : findSchema([cwd], named)
}

/** Finds `sql/schema.sql` like {@link schemaFiles}; undefined if there is none. */
export function lookForSchema(cwd: string): FoundScripts | undefined {
  try {
    return schemaFiles(cwd)
  } catch (error) {
    if (errorCode(error) === 'schema_file_missing') return undefined
    throw error
  }
}

/**
 * Compares two schemas, object by object. No database of a target is changed.
 * @throws ConnectionError, StateError, SqlError (a file fails), ConfigurationError
 */
export async function diffSchemas(options: SchemaDiffOptions): Promise<SchemaDiffResult> {
  const {a, b, scratch} = options
  const read = {a: readOnce(a, options), b: readOnce(b, options)}
  const best = await onBestServer(
    scratch,
    (server) => compareOn(server, options, read),
    ({skipped}) => skipped.length,
  )
  return {a: a.label, b: b.label, ...best}
}

/** Reads a schema of a database once; others depend on the server on which they are made. */
export type SchemaOn = (server: ScratchServer) => Promise<LoadedSchema>

type Comparison = Pick<SchemaDiffResult, 'differences' | 'skipped'>
function readOnce(source: SchemaSource, options: SchemaDiffOptions): SchemaOn {
  if ('schemaOn' in source) return source.schemaOn
  if ('files' in source) return (server) => schemaOfFiles(source.files.inputs, options, server)
  const schema = readSchema(options, source.context).then((text) => ({...text, skipped: []}))
  schema.catch(() => undefined)
  return () => schema
}

async function compareOn(
  server: ScratchServer,
  options: SchemaDiffOptions,
  read: Record<'a' | 'b', SchemaOn>,
): Promise<Comparison> {
  const [a, b] = await whenBothEnd(read.a(server), read.b(server))
  const skipped = [...a.skipped, ...b.skipped]
  const differences = compareSchemas(a.sql, b.sql)
  // Versions write some expressions differently, and what is missing in one schema must be missing in the other.
  if (differences.length === 0 || (a.major === b.major && skipped.length === 0)) return {differences, skipped}
  const alike = async (source: SchemaSource, schema: LoadedSchema): Promise<LoadedSchema> =>
    'context' in source ? schemaOfText(schema.sql, options, server) : schema
  const [sameA, sameB] = await whenBothEnd(alike(options.a, a), alike(options.b, b))
  return {
    differences: compareSchemas(sameA.sql, sameB.sql),
    skipped: [...sameA.skipped, ...sameB.skipped],
  }
}

/** Waits for both, even if one has failed, because the other still has to drop its database. */
async function whenBothEnd<T>(a: Promise<T>, b: Promise<T>): Promise<[T, T]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}
