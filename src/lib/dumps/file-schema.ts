import {createHash} from 'node:crypto'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {OperationContext} from '../access/context.js'
import {errorCode} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {packageVersion} from '../package-root.js'
import {type CachedFile, keepCached, readCached} from '../private-cache.js'
import {fingerprint} from '../sql-files/fingerprint.js'
import {openSource} from '../sql-files/source.js'
import type {ScriptInput} from '../sql-files/sql-file.js'
import {isStream} from '../sql-files/walk-support.js'
import {
  isLacking,
  leavesDatabase,
  type LoadOptions,
  loadOneByOne,
  loadWhole,
  restricted,
  type SkippedStatement,
} from './load-schema.js'
import {readSchema, type SchemaText} from './schema-dump.js'
import {withScratchDatabase} from './scratch-database.js'

export interface LoadedSchema extends SchemaText {
  /** What the server could not run, so that it is missing in `sql`. */
  skipped: SkippedStatement[]
}

/** A server on which schemas are loaded to be read. */
export interface ScratchServer {
  /** Starts it if needed. */
  open: () => Promise<OperationContext>
  /** Its schemas are kept, if its version does not change. */
  cache: {folder: string; major: number} | undefined
}

export type FileSchemaOptions = Pick<LoadOptions, 'cwd' | 'database' | 'owners'>

/** The schema that files make, read from a new database in which they were run. */
export async function schemaOfFiles(
  inputs: ScriptInput[],
  options: FileSchemaOptions,
  server: ScratchServer,
): Promise<LoadedSchema> {
  const [first] = inputs
  if (first !== undefined && (await isStream(first.path))) return schemaOfStream(first.path, options, server)
  const {cwd, database, owners} = options
  const {open, cache} = server
  const files = await fingerprint(inputs, {cwd, database})
  const file = cache && cachedFile(cache.folder, [packageVersion(), files, database, owners ? 'with owners' : ''])
  const kept = file && readCached(file)
  if (cache && kept) return {sql: kept.toString(), major: cache.major, skipped: []}
  const loaded = await loadIn(await open(), inputs, options)
  // A server may get an extension or a role later.
  if (file && loaded.skipped.length === 0) keepCached(file, () => loaded.sql)
  return loaded
}

/** The schema that another server's schema makes here, so that both are written in the same way. */
export async function schemaOfText(
  sql: string,
  options: FileSchemaOptions,
  server: ScratchServer,
): Promise<LoadedSchema> {
  // Nothing in the text of another server is a command of psql, which could read files here.
  return withFile(restricted(sql), (path) => schemaOfFiles([{path}], options, server))
}

/** Copies what can be read only once, because it is read several times here. */
async function schemaOfStream(path: string, options: FileSchemaOptions, server: ScratchServer): Promise<LoadedSchema> {
  const chunks: Buffer[] = []
  for await (const chunk of openSource(path).chunks) chunks.push(chunk)
  return withFile(Buffer.concat(chunks), (copy) => schemaOfFiles([{path: copy}], options, server))
}

async function withFile<T>(content: string | Buffer, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-db-schema-'))
  try {
    const path = join(folder, 'schema.sql')
    await writeFile(path, content, {mode: 0o600, flag: 'wx'})
    return await use(path)
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

async function loadIn(
  server: OperationContext,
  inputs: ScriptInput[],
  options: FileSchemaOptions,
): Promise<LoadedSchema> {
  return withLoadedSchema(server, inputs, options, async (scratch, skipped) => ({
    ...(await readSchema(options, scratch)),
    skipped,
  }))
}

/**
 * Runs `use` with a new database in which SQL files were run, and with what the server could not run of them. The database
 * has no session, and is dropped afterwards.
 */
export async function withLoadedSchema<T>(
  server: OperationContext,
  inputs: ScriptInput[],
  options: FileSchemaOptions,
  use: (scratch: OperationContext, skipped: SkippedStatement[]) => Promise<T>,
): Promise<T> {
  const load = <Result>(scratch: OperationContext, how: (...on: Parameters<typeof loadWhole>) => Promise<Result>) =>
    withClient(scratch.target.url, {signal: scratch.signal}, (client) =>
      how(client, inputs, {...options, signal: scratch.signal}),
    )
  if (!(await leavesDatabase(inputs, options))) {
    const whole = await withScratchDatabase(server, async (scratch) => {
      const isWhole = await load(scratch, loadWhole).then(
        () => true,
        (error: unknown) => {
          if (isLacking(errorCode(error))) return false
          throw error
        },
      )
      return isWhole ? {used: await use(scratch, [])} : undefined
    })
    if (whole !== undefined) return whole.used
  }
  // In another database, because the files may have committed a part by themselves.
  return withScratchDatabase(server, async (scratch) => use(scratch, await load(scratch, loadOneByOne)))
}

function cachedFile(root: string, key: readonly string[]): CachedFile {
  const name = createHash('sha256').update(JSON.stringify(key)).digest('hex')
  return {root, path: join(root, 'schemas', `${name}.sql`)}
}
