import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {withLockedTarget} from '../access/lock-target.js'
import {withClient} from '../postgres/connect/client.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {forgetSession} from '../postgres/wire/session-reset.js'
import {sessionNeeded} from '../sql-text/faults.js'
import {foldersOfRepository} from '../targets/folders.js'
import {type RunOptions, runScripts, type RunSummary} from './run-file.js'
import {confirmLoss, type LossOptions, lostAmong} from './schema-loss.js'
import {readTableChanges, type TableRows, tidySeeded} from './seeded.js'
import {displayPath, findSchema, type FoundScripts, requireSeed} from './sql-file.js'

export interface SqlFileOptions extends Pick<
  RunOptions,
  'transaction' | 'database' | 'variables' | 'onMessage' | 'onProgress'
> {
  /** The base of paths. */
  cwd: string
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

/** The timeout for finding the outcome of a COMMIT, because the server may be gone. */
const askWithinSeconds = 5

export interface SchemaOptions extends SqlFileOptions, Pick<LossOptions, 'force' | 'onFilled'> {}

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
  {force, onFilled, ...options}: SchemaOptions,
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
      async beforeRun(client, file) {
        if (!confirmed) await confirmLoss(client, {...options, inputs: found.inputs, file, force, onFilled}, context)
      },
    },
  )
}

/**
 * Loads mock data in one transaction, from a SQL file or a folder of SQL and CSV files. Afterwards it moves sequences of
 * identity and serial columns past the highest value.
 */
export async function seed(options: SqlFileOptions, context: OperationContext): Promise<SeedResult> {
  let tables: TableRows[] = []
  let before: string | undefined
  const found = requireSeed(foldersOfRepository(options.cwd), options.file)
  const result = await runFound(found, {...options, mayBeEmpty: true}, context, {
    work: seedWork(options),
    async beforeOwnCommit(client) {
      before = await readTableChanges(client)
    },
    async beforeCommit(client, _oneTransaction, warn) {
      tables = await tidySeeded(client, before, warn)
    },
  })
  return {...result, tables}
}

interface Around extends Pick<RunOptions, 'beforeCommit' | 'beforeOwnCommit'> {
  work: Work
  beforeRun?: (client: PostgresClient, file: string) => Promise<void>
}

async function runFound(
  {path, inputs}: FoundScripts,
  options: SqlFileOptions & Pick<RunOptions, 'mayBeEmpty'>,
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
