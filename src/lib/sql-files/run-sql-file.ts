import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {withLockedTarget} from '../access/lock-target.js'
import {SqlError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {sqlState} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {forgetSession} from '../postgres/wire/session-reset.js'
import {foldersOfRepository} from '../targets/folders.js'
import {sessionNeeded} from './faults.js'
import {type RunOptions, runScripts, type RunSummary} from './run-file.js'
import {confirmLoss, type LossOptions, lostAmong} from './schema-loss.js'
import {readTableChanges, type TableRows, tidySeeded} from './seeded.js'
import {displayPath, findSchema, type FoundScripts, requireSeed} from './sql-file.js'

/** What {@link loadSchema} and {@link seed} take. */
export interface SqlFileOptions extends Pick<RunOptions, 'transaction' | 'database' | 'onMessage' | 'onProgress'> {
  /** The folder that paths are relative to. */
  cwd: string
  /** The file, or for a seed the folder, that the user named; relative to `cwd`. */
  file?: string
}

/** What was run, where, and what came of it. */
export interface SqlFileResult extends RunSummary {
  database: string
  /** The file or folder. */
  file: string
}

/** What a seed has filled. */
export interface SeedResult extends SqlFileResult {
  /** The tables that it changed, with the rows that each now has, counted by the server. */
  tables: TableRows[]
}

/** A server that has to be asked what has become of a COMMIT may be gone for good. */
const askWithinSeconds = 5

/** What {@link loadSchema} takes. */
export interface SchemaOptions extends SqlFileOptions, Pick<LossOptions, 'force' | 'onFilled'> {}

/**
 * What {@link loadSchema} will do to the target.
 * @throws ConfigurationError when it is asked, if the file is not found
 */
export function schemaWork(
  {cwd, file}: Pick<SchemaOptions, 'cwd' | 'file'>,
  context: Pick<OperationContext, 'signal'>,
): Work {
  return {
    readsRows: true,
    async effect({filled}) {
      const {path, inputs} = findSchema(foldersOfRepository(cwd), file)
      return {
        kind: 'schema:load',
        file: displayPath(path, cwd),
        losing: filled === undefined ? null : await lostAmong(filled, {inputs, cwd}, context),
      }
    },
  }
}

/**
 * What {@link seed} will do to the target.
 * @throws ConfigurationError when it is asked, if the file is not found
 */
export function seedWork({cwd, file}: Pick<SqlFileOptions, 'cwd' | 'file'>): Work {
  return {effect: () => ({kind: 'seed', file: displayPath(requireSeed(foldersOfRepository(cwd), file).path, cwd)})}
}

/**
 * Runs the schema file on the target's database, all or nothing. Before it drops or empties tables that hold rows, it
 * asks on a target that is not protected too; on one that is, the guard has asked. A step of a setup fills a new database.
 */
export async function loadSchema(
  {force, onFilled, ...options}: SchemaOptions,
  context: OperationContext,
): Promise<SqlFileResult> {
  const found = findSchema(foldersOfRepository(options.cwd), options.file)
  let confirmed = context.locked !== undefined
  const authorize: OperationContext['authorize'] = async (risk) => {
    await context.authorize(risk)
    confirmed = true
  }
  return run(
    found,
    options,
    {...context, authorize},
    {
      work: schemaWork(options, context),
      async beforeRun(client, file) {
        if (!confirmed)
          await confirmLoss(client, {inputs: found.inputs, file, cwd: options.cwd, force, onFilled}, context)
      },
    },
  )
}

/**
 * Loads mock data into the target's database, all or nothing: a SQL file, or a folder of SQL and CSV files. Sequences
 * of identity and serial columns stand past the highest value afterwards.
 */
export async function seed(options: SqlFileOptions, context: OperationContext): Promise<SeedResult> {
  let tables: TableRows[] = []
  let before: string | undefined
  const found = requireSeed(foldersOfRepository(options.cwd), options.file)
  const seeding = run(found, options, context, {
    work: seedWork(options),
    async beforeOwnCommit(client) {
      before = await readTableChanges(client)
    },
    async beforeCommit(client, _oneTransaction, warn) {
      tables = await tidySeeded(client, before, warn)
    },
  })
  const result = await seeding.catch((error: unknown) => {
    // A setup seeds a new database, which has no rows from before.
    throw context.locked === undefined && error instanceof SqlError && error.code === sqlState.uniqueViolation
      ? seededBefore(error)
      : error
  })
  return {...result, tables}
}

function seededBefore(error: SqlError): SqlError {
  const {message, code, next, details, cause} = error
  return new SqlError(message, {
    code,
    next: [...next, 'If the database was seeded before, rebuild it with its seed: cruddur-db setup'],
    details,
    cause,
  })
}

/** Work on the client before and after the files. */
interface Around extends Pick<RunOptions, 'beforeCommit' | 'beforeOwnCommit'> {
  work: Work
  beforeRun?: (client: PostgresClient, file: string) => Promise<void>
}

async function run(
  {path, inputs}: FoundScripts,
  options: SqlFileOptions,
  context: OperationContext,
  {work, beforeRun, ...around}: Around,
): Promise<SqlFileResult> {
  const {
    target: {url},
    progress,
    signal,
  } = context
  const file = displayPath(path, options.cwd)
  progress(`SQL file: ${file}`)
  const askElsewhere: RunOptions['askElsewhere'] = (use) => withClient(url, {signal, seconds: askWithinSeconds}, use)
  const summary = await withLockedTarget(work, context, async (client, {pooled}) => {
    await beforeRun?.(client, file)
    const whole = {...options, ...around, signal, askElsewhere}
    return runScripts(client, inputs, pooled ? throughPooler(whole) : whole)
  })
  return {database: options.database?.name ?? url.database, file, ...summary}
}

/**
 * Runs files in one transaction, the only thing that a pooler keeps a session for, and leaves the session as it was: a
 * dump sets the search path, which the pooler's next client would find.
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
