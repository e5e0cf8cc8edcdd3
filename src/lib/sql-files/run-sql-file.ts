import type {OperationContext} from '../access/context.js'
import type {LosingTable, Work} from '../access/effect.js'
import {withLockedTarget} from '../access/lock-target.js'
import {withClient} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {forgetSession} from '../postgres/wire/session-reset.js'
import {sessionNeeded} from '../sql-text/faults.js'
import {foldersOfRepository} from '../targets/folders.js'
import {askWithinSeconds} from './commit.js'
import {leavesBuilding, nothingChanged, placedFailure} from './connect-failures.js'
import {defaultLockWaits, LockRetry, type LockWaits} from './lock-retry.js'
import {OtherDatabases} from './other-databases.js'
import {type RunOptions, runScripts, type RunSummary} from './run-file.js'
import {type FileScan, isQuickToRead, mayChangeDatabase, scanFiles, type ScanOptions} from './scan.js'
import {confirmLoss, type LossOptions, lostAmong} from './schema-loss.js'
import {readTableChanges, type TableRows, tidySeeded} from './seeded.js'
import {refuseMigrations} from './migration-file.js'
import {displayPath, findSchema, type FoundScripts, requireSeed, type ScriptInput} from './sql-file.js'
import {ScanFirst} from './transaction.js'

export interface SqlFileOptions extends Pick<
  RunOptions,
  'transaction' | 'database' | 'variables' | 'isDump' | 'onMessage' | 'onProgress'
> {
  /** The base of paths. */
  cwd: string
  /** How long statements wait for locks; on a target that is not protected, only if this is set. */
  waits?: LockWaits | undefined
  /** The file of --file, or for a seed also a folder; relative to `cwd`. */
  file?: string
}

/** The result of running a SQL file. */
export interface SqlFileResult extends RunSummary {
  database: string
  /** The file or folder. */
  file: string
}

/** The result of a seed. */
export interface SeedResult extends SqlFileResult {
  /** The changed tables with their present number of rows. */
  tables: TableRows[]
}

/** Work that completes a schema after its last statement. */
export interface SchemaCompletion {
  /** Runs in the transaction of the schema, unless the file has committed itself. */
  complete: (client: PostgresClient, inTransaction: boolean) => Promise<void>
  /** The files on which it depends. */
  paths: string[]
}

export interface SchemaOptions extends SqlFileOptions, Pick<LossOptions, 'force' | 'onFilled'> {
  completion?: SchemaCompletion | undefined
}

/**
 * Describes what {@link loadSchema} will do, for the guard.
 * @throws ConfigurationError from `effect`, if the file is not found
 */
export function schemaWork(
  {cwd, file, variables}: Pick<SchemaOptions, 'cwd' | 'file' | 'variables'>,
  context: Pick<OperationContext, 'signal'>,
): Work {
  return {
    readsRows: true,
    async effect({filled}) {
      const {path, inputs} = findSchema(foldersOfRepository(cwd), file)
      return {
        kind: 'schema:load',
        file: displayPath(path, cwd),
        losing: filled === undefined ? null : await lostAmong(filled, {inputs, cwd, variables}, context),
      }
    },
  }
}

/**
 * Describes what {@link seed} will do, for the guard.
 * @throws ConfigurationError from `effect`, if the file is not found
 */
export function seedWork({cwd, file}: Pick<SqlFileOptions, 'cwd' | 'file'>): Work {
  return {effect: () => ({kind: 'seed', file: displayPath(requireSeed(foldersOfRepository(cwd), file).path, cwd)})}
}

/**
 * Runs the schema file in one transaction. If it drops or truncates tables that hold rows, this must be confirmed even on
 * a target that is not protected; on a protected one the guard has already asked, and in setup the database is new.
 */
export async function loadSchema(
  {force, onFilled, completion, ...options}: SchemaOptions,
  context: OperationContext,
): Promise<SqlFileResult> {
  const found = findSchema(foldersOfRepository(options.cwd), options.file)
  let confirmed = context.locked !== undefined
  const authorize: OperationContext['authorize'] = async (risk) => {
    await context.authorize(risk)
    confirmed = true
  }
  return runFound(
    found,
    options,
    {...context, authorize},
    {
      work: schemaWork(options, context),
      checksRows: !force,
      async beforeCommit(client, oneTransaction) {
        // A part in another database is not the schema.
        const own = options.database?.builtAs ?? context.target.url.database
        if (client.database === own) await completion?.complete(client, oneTransaction)
      },
      async beforeRun(client, file, losingElsewhere) {
        if (confirmed) return
        const {database} = context.target.url
        const loss = {...options, inputs: found.inputs, file, force, onFilled, database, losingElsewhere}
        await confirmLoss(client, loss, {...context, authorize})
      },
    },
  )
}

/**
 * Loads mock data in one transaction, from a SQL file or a folder of SQL and CSV files. Afterwards it moves sequences of
 * identity and serial columns past the highest value.
 */
export async function seed(options: SqlFileOptions, context: OperationContext): Promise<SeedResult> {
  const tables = new Map<string, TableRows>()
  let before: string | undefined
  const found = requireSeed(foldersOfRepository(options.cwd), options.file)
  const result = await runFound(found, {...options, mayBeEmpty: true}, context, {
    work: seedWork(options),
    async beforeOwnCommit(client) {
      before = await readTableChanges(client)
    },
    async beforeCommit(client, _oneTransaction, warn) {
      const changed = await tidySeeded(client, before, warn)
      const elsewhere = client.database === context.target.url.database ? {} : {database: client.database ?? ''}
      for (const table of changed)
        tables.set(JSON.stringify([client.database, table.schema, table.table]), {...table, ...elsewhere})
      before = undefined
    },
  })
  return {...result, tables: [...tables.values()]}
}

interface Around extends Pick<RunOptions, 'beforeCommit' | 'beforeOwnCommit'> {
  work: Work
  /** Whether files may not drop tables that hold rows in other databases. */
  checksRows?: boolean
  beforeRun?: (client: PostgresClient, file: string, losingElsewhere: LosingTable[]) => Promise<void>
}

async function runFound(
  {path, inputs}: FoundScripts,
  options: SqlFileOptions & Pick<RunOptions, 'mayBeEmpty'>,
  context: OperationContext,
  {work, beforeRun, checksRows = false, ...around}: Around,
): Promise<SqlFileResult> {
  const {
    target: {url},
    progress,
    signal,
  } = context
  const file = displayPath(path, options.cwd)
  progress(`SQL file: ${file}`)
  if (context.locked === undefined) await refuseMigrations(inputs, options.cwd)
  const askElsewhere: RunOptions['askElsewhere'] = (use) => withClient(url, {signal, seconds: askWithinSeconds}, use)
  let others: OtherDatabases | undefined
  try {
    const summary = await withLockedTarget(work, context, async (client, {pooled, guarded}) => {
      if (!pooled && options.database === undefined) others = new OtherDatabases(client, context, {guarded, checksRows})
      const before = (losing: LosingTable[]): Promise<void> | undefined => beforeRun?.(client, file, losing)
      const run = async (locking: Pick<RunOptions, 'opening' | 'again'>): Promise<RunSummary> => {
        const whole = {...options, ...around, ...locking, signal, askElsewhere}
        if (others !== undefined)
          return runInDatabases(client, inputs, whole, {others, guarded, before, database: url.database})
        await before([])
        return runScripts(client, inputs, pooled ? throughPooler(whole) : whole)
      }
      if (!guarded && options.waits === undefined) return run({})
      const retry = new LockRetry({...(options.waits ?? defaultLockWaits), client, url, signal, progress})
      return retry.watch(() => run({opening: retry.opening, again: (error) => retry.again(error)}))
    })
    return {database: options.database?.name ?? url.database, file, ...summary}
  } finally {
    await others?.close()
  }
}

interface InDatabases {
  others: OtherDatabases
  /** Whether the target is protected. */
  guarded: boolean
  /** Called before the files run, with the tables in other databases that would lose rows. */
  before: (losing: LosingTable[]) => Promise<void> | undefined
  /** The name of the first database. */
  database: string
}

/**
 * Runs files that may change to another database, which are read for that before they run. A long file is only read if the
 * run has found, and has rolled back, something for which it must be known.
 */
async function runInDatabases(
  client: PostgresClient,
  inputs: ScriptInput[],
  options: RunOptions & {cwd: string},
  {others, guarded, before, database}: InDatabases,
): Promise<RunSummary> {
  if (!guarded && options.transaction !== false && !(await isQuickToRead(inputs))) {
    await before([])
    try {
      return await runScripts(client, inputs, {...options, unread: true})
    } catch (error) {
      if (!(error instanceof ScanFirst)) throw error
    }
  }
  const scan = await scanConnects(inputs, {...options, database})
  await before(scan === undefined ? [] : await others.prepare(scan))
  return runScripts(client, inputs, {...options, elsewhere: others, createsApart: scan !== undefined})
}

/** Reads the files before they run, if they have a `\\connect` to another database. */
async function scanConnects(inputs: readonly ScriptInput[], options: ScanOptions): Promise<FileScan | undefined> {
  if (!(await mayChangeDatabase(inputs, options))) return undefined
  const scan = await scanFiles(inputs, options)
  return scan.connects.length === 0 ? undefined : scan
}

/**
 * Refuses files that leave the database which setup builds, before anything is changed.
 * @throws SqlError (`script_psql_command`)
 */
export async function refuseConnects(inputs: readonly ScriptInput[], options: ScanOptions): Promise<void> {
  // A long file is refused when it comes to the line, after minutes, but then, too, nothing was changed.
  if (!(await isQuickToRead(inputs))) return
  const asked = (await scanConnects(inputs, options))?.connects.find(({to}) => to.database !== undefined)
  if (asked !== undefined)
    throw await placedFailure(leavesBuilding(asked, options.database ?? ''), asked, nothingChanged)
}

/**
 * Runs files in one transaction, because a pooler keeps a session only that long, and resets the session at the end: a
 * dump changes the search path, which would affect the pooler's next client.
 */
function throughPooler({transaction, beforeCommit, ...options}: RunOptions): RunOptions {
  if (transaction === false) throw sessionNeeded()
  return {
    ...options,
    transaction: 'only',
    async beforeCommit(client, ...how) {
      await beforeCommit?.(client, ...how)
      await forgetSession(client)
    },
  }
}
