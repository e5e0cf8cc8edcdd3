import type {OperationContext} from '../access/context.js'
import type {LoadedSchema, ScratchServer} from '../dumps/file-schema.js'
import {isLacking} from '../dumps/load-schema.js'
import {readSchema, type SchemaText} from '../dumps/schema-dump.js'
import {withScratchDatabase} from '../dumps/scratch-database.js'
import {errorCode, SqlError, StateError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {defaultLockWaits} from '../sql-files/lock-retry.js'
import {concernsRoles, concernsServer} from '../sql-text/control.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import {SqlSplitter} from '../sql-text/splitter.js'
import {expandedText} from './expanded.js'
import {type Migration, requireRunnable, type Section} from './migration.js'
import {type Direction, readRecords, storedOf} from './records.js'
import {MigrationRunner} from './run-migration.js'

/** A new database on which migrations are run. */
export interface Chain {
  run(migration: Migration, direction: Direction): Promise<void>
  /** The schema as it is now. */
  schema(): Promise<SchemaText>
}

/** Runs `use` with a new, empty database, which is dropped afterwards. */
export async function withChain<T>(
  server: OperationContext,
  cwd: string,
  use: (chain: Chain) => Promise<T>,
): Promise<T> {
  return withScratchDatabase(server, (scratch) => onScratch(scratch, {cwd, privileges: false}, use))
}

interface ChainOptions {
  cwd: string
  /** Whether privileges are granted, also to roles that the server may not have. */
  privileges: boolean
}

function onScratch<T>(
  scratch: OperationContext,
  {cwd, privileges}: ChainOptions,
  use: (chain: Chain) => Promise<T>,
): Promise<T> {
  return withClient(scratch.target.url, {signal: scratch.signal}, async (client) => {
    const {table} = await readRecords(client)
    const options = {cwd, table, pooled: false, waits: defaultLockWaits}
    const runner = new MigrationRunner(client, scratch, options)
    await runner.prepareTable()
    return use({
      async run(migration, direction) {
        const {version, file} = migration
        const section = direction === 'up' ? migration.up : migration.down
        if (section === undefined) throw new TypeError('the migration has no down')
        requireRunnable(migration, section)
        const own = withoutServer(section, {cwd, privileges})
        await runner.run({
          version,
          file,
          direction,
          section: own,
          stored: storedOf(migration, cwd),
          record: undefined,
        })
      },
      schema: () => readSchema({}, scratch),
    })
  })
}

/**
 * Runs `use` with a new database in which migrations were run, and which has no session. Privileges are left out if a role
 * is missing on the server.
 */
export async function withMigrated<T>(
  server: OperationContext,
  migrations: readonly Migration[],
  cwd: string,
  use: (scratch: OperationContext) => Promise<T>,
): Promise<T> {
  const run = (scratch: OperationContext, privileges: boolean): Promise<void> =>
    onScratch(scratch, {cwd, privileges}, async (chain) => {
      for (const migration of migrations) await chain.run(migration, 'up')
    })
  const whole = await withScratchDatabase(server, async (scratch) => {
    try {
      await run(scratch, true)
    } catch (error) {
      if (error instanceof SqlError && isLacking(errorCode(error))) return undefined
      throw error
    }
    return {used: await use(scratch)}
  })
  if (whole !== undefined) return whole.used
  return withScratchDatabase(server, async (scratch) => {
    await orElsewhere(() => run(scratch, false))
    return use(scratch)
  })
}

/** The schema that migrations make on a server, from an empty database. */
export async function schemaOfMigrations(
  migrations: readonly Migration[],
  cwd: string,
  server: ScratchServer,
): Promise<LoadedSchema> {
  return onServer(server, (context) =>
    withChain(context, cwd, async (chain) => {
      for (const migration of migrations) await chain.run(migration, 'up')
      return {...(await chain.schema()), skipped: []}
    }),
  )
}

/** Runs `use` on a server. Where that lacks an extension or the like, another server may have it. */
export async function onServer<T>(server: ScratchServer, use: (context: OperationContext) => Promise<T>): Promise<T> {
  const context = await server.open()
  return orElsewhere(() => use(context))
}

/** @throws StateError (`server_unavailable`) if the server lacks something, so that the next one is tried */
async function orElsewhere<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SqlError) || !isLacking(errorCode(error))) throw error
    throw new StateError(error.message, {
      code: 'server_unavailable',
      next: [...error.next],
      details: {...error.details},
      cause: error,
    })
  }
}

/**
 * A direction without what is about the whole server, which has the databases and roles of the user, and, unless they
 * are wanted, without privileges for roles that it may not have.
 */
function withoutServer(section: Section, {cwd, privileges}: ChainOptions): Section {
  const text = expandedText(section, cwd)
  const splitter = new SqlSplitter({file: section.input.path})
  const pieces = [...splitter.push(Buffer.from(text)), ...splitter.end()]
  const isForeign = (piece: BufferPiece): boolean =>
    piece.kind === 'statement' &&
    (concernsServer(piece) || concernsRoles(piece) || (!privileges && aboutPrivileges(piece)))
  if (!pieces.some(isForeign)) return section
  // Blanks keep the lines, and a statement that does nothing keeps the section from being empty.
  const blank = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => (byte === 0x0a ? byte : 0x20)))
  const content = Buffer.concat([
    ...pieces.map((piece) => (isForeign(piece) ? blank(piece.bytes) : piece.bytes)),
    Buffer.from('\n;select;'),
  ])
  return {...section, text: content.toString(), input: {...section.input, content}, pieces: undefined}
}

const aboutPrivileges = ({bytes, start}: BufferPiece): boolean =>
  /^(?:grant|revoke|alter\s+default\s+privileges)\b/i.test(bytes.toString('latin1', start))
