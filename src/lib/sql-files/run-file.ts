import {ConfigurationError, errorCode, SqlError} from '../errors.js'
import {catalogQuery} from '../postgres/catalog/catalog.js'
import {wantedEncoding} from '../postgres/connect/client-encoding.js'
import {sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {watchNotices} from '../postgres/wire/notices.js'
import {readControl} from '../sql-text/control.js'
import {decoderOf} from '../sql-text/encodings.js'
import {leftOpen} from '../sql-text/faults.js'
import {workingFolder} from '../targets/account.js'
import type {Queued, RunningStatements} from './batch.js'
import type {AskElsewhere} from './commit.js'
import {withCommitted} from './connect-failures.js'
import {type BuiltDatabase, DatabaseRename} from './database-name.js'
import {dryWalk} from './dry-walk.js'
import type {ExecutorOptions} from './executor.js'
import {firstEncoding} from './first-encoding.js'
import {Messages, type ScriptMessage} from './messages.js'
import {type Elsewhere, Parts, type RunPart} from './parts.js'
import {valuesOfSession} from './session-names.js'
import {fileSize} from './source.js'
import {displayPath, type ScriptInput} from './sql-file.js'
import {cannotBeInTransaction} from './statement-failure.js'
import {Restart, ScanFirst} from './transaction.js'
import {ScriptWalk} from './walk.js'

export type {ScriptMessage}

export interface ScriptProgress {
  /** The bytes read so far; for compressed files, compressed bytes. */
  bytes: number
  /** The size of all files, without included ones; 0 if it is not known. */
  totalBytes: number
  /** The rows changed so far. */
  readonly rows: number
  /** The statements that run. */
  readonly at?: RunningStatements | undefined
}

export interface RunOptions {
  /** The base of paths in errors and in `\i`; default: the working folder of the process. */
  cwd?: string | undefined
  /**
   * False runs each statement without a transaction. The default is true, which allows files to have their own
   * transactions; `only` refuses those.
   */
  transaction?: boolean | 'only' | undefined
  /** Set if the database has a temporary name: statements about `name` are applied to `builtAs`. */
  database?: BuiltDatabase | undefined
  /** Whether the files are dumps: they must be complete, and psql commands in them are refused. */
  isDump?: boolean | undefined
  /** Whether an empty file is reported as a message and not as an error. */
  mayBeEmpty?: boolean | undefined
  /** psql's variables, as by `psql --set`. */
  variables?: Readonly<Record<string, string>> | undefined
  signal?: AbortSignal | undefined
  onMessage?: ((message: ScriptMessage) => void) | undefined
  /** Called after each part of a file, some hundred kilobytes. The rows and the statement are those of when they are read. */
  onProgress?: ((progress: ScriptProgress) => void) | undefined
  /** Runs after the last statement, in the same transaction if there is one, so that its failure rolls everything back. */
  beforeCommit?:
    ((client: PostgresClient, oneTransaction: boolean, warn: (text: string) => void) => Promise<void>) | undefined
  /** Statements of ours at the beginning of each transaction of ours, for example SET LOCAL. */
  opening?: readonly string[] | undefined
  /**
   * Statements of ours at the end, in the transaction and the last message of the files. The last one must return
   * `pg_current_xact_id_if_assigned()`, by which the outcome of COMMIT is looked up.
   */
  closing?: readonly string[] | undefined
  /** With `only`: the error for a transaction in a file. */
  refuseControl?: (() => Error) | undefined
  /** How to run the files without a transaction, as advice on a statement that needs it. */
  outsideAdvice?: string | undefined
  /** Called with an error after everything was rolled back; true means to run everything again. */
  again?: ((error: unknown) => Promise<boolean>) | undefined
  /** Runs before the first COMMIT of a file itself. */
  beforeOwnCommit?: ((client: PostgresClient) => Promise<void>) | undefined
  /** Runs its argument on another connection to the same database, to find the outcome of a COMMIT whose answer was lost. */
  askElsewhere?: AskElsewhere | undefined
  /** Opens other databases for `\connect`; without it, only the present one can be named. */
  elsewhere?: Elsewhere | undefined
  /** Whether CREATE DATABASE commits what is before it, because the files go on in another database. */
  createsApart?: boolean | undefined
  /** Whether the files were not read for `\connect`: then one to another database throws {@link ScanFirst}. */
  unread?: boolean | undefined
}

export interface RunSummary {
  statements: number
  /** Rows that were inserted, updated, deleted or copied, as the server reports it. */
  rows: number
  /** The size of the files; for compressed files, the compressed size. */
  bytes: number
  notices: number
  warnings: number
  /** `one`: all in one transaction. `own`: a file has committed itself. `none`: no transaction was wanted. */
  transaction: 'one' | 'own' | 'none'
  /** What ran in which database, if the files change it with `\connect`. Each part was committed by itself. */
  parts?: RunPart[]
}

/**
 * Runs SQL files in order, like psql, in one transaction: COMMIT is sent only after everything else was answered. If a
 * file has its own COMMIT, everything before it is kept, and the rest of the file runs without our transaction.
 *
 * If a file has its own transactions and a statement that cannot run in any, for example VACUUM, the file runs again from
 * the beginning without our transaction.
 * @throws SqlError (SQLSTATE, or `script_…` for errors that this program finds) with `details.place`; ConfigurationError
 * if a file or its encoding cannot be read; ConnectionError (`commit_unknown` if the outcome of COMMIT is not known); StateError
 * (`pooled_session`); InterruptedError
 */
export async function runScripts(
  client: PostgresClient,
  inputs: ScriptInput[],
  given: RunOptions = {},
): Promise<RunSummary> {
  const options = {...given, cwd: given.cwd ?? workingFolder()}
  const sizes = await Promise.all(inputs.map(sizeOf))
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0)
  const messages = new Messages(options)
  const encoding = firstEncoding(wantedEncoding(client))
  let attempt: RunAttempt = {transaction: transactionOf(options), messages, totalBytes, encoding}
  const unwatch = watchNotices(client, messages.server)
  try {
    for (;;) {
      try {
        return await runOnce(client, inputs, options, attempt)
      } catch (error) {
        if (!(error instanceof Restart)) throw error
        attempt = {...attempt, ...error.how}
        messages.restart()
      }
    }
  } finally {
    unwatch()
  }
}

async function sizeOf({path, content}: ScriptInput): Promise<number> {
  return content?.length ?? (await fileSize(path))
}

/** Runs one SQL file, like {@link runScripts}. */
export async function runSqlFile(client: PostgresClient, path: string, options: RunOptions = {}): Promise<RunSummary> {
  return runScripts(client, [{path}], options)
}

type PlacedOptions = RunOptions & {cwd: string}

interface RunAttempt extends Pick<ExecutorOptions, 'transaction' | 'isolation' | 'skip'> {
  messages: Messages
  totalBytes: number
  /** The encoding of the files until they set one. */
  encoding?: string | undefined
}

function transactionOf({transaction}: RunOptions): RunAttempt['transaction'] {
  if (transaction === 'only') return 'only'
  return transaction === false ? 'written' : 'one'
}

async function runOnce(
  client: PostgresClient,
  inputs: ScriptInput[],
  options: PlacedOptions,
  {messages, totalBytes, encoding, ...how}: RunAttempt,
): Promise<RunSummary> {
  const {parts, walk} = partsAndWalk(client, options, {messages, totalBytes, encoding, ...how})
  try {
    if (how.transaction === 'written') await options.beforeOwnCommit?.(client)
    for (const input of inputs) {
      const session = await parts.beginFile()
      if (session !== undefined) walk.enter(session)
      await walk.run(input)
    }
    await parts.finish()
    if (parts.leftOpen) throw leftOpen(displayPath(inputs.at(-1)?.path ?? '', options.cwd), !parts.oneTransaction)
    await parts.beforeCommit()
    await parts.commit()
  } catch (error) {
    await parts.rollback()
    const restart = await restartFor(error, client, inputs, options, {parts, encoding, transaction: how.transaction})
    if (restart !== undefined) throw restart
    throw withCommitted(withState(error, parts.kept), parts.committed)
  } finally {
    await parts.close()
  }
  const {statements, rows, parts: separate} = parts
  const {notices, warnings} = messages
  const transaction = options.transaction === false ? 'none' : parts.oneTransaction ? 'one' : 'own'
  const summary = {statements, rows, bytes: walk.bytes, notices, warnings, transaction} as const
  return separate === undefined ? summary : {...summary, parts: separate}
}

function partsAndWalk(
  client: PostgresClient,
  options: PlacedOptions,
  {messages, totalBytes, encoding, ...how}: RunAttempt,
): {parts: Parts; walk: ScriptWalk} {
  const {database} = options
  const parts = new Parts(client, {
    ...options,
    ...how,
    home: database?.name ?? client.database ?? '',
    built: database !== undefined,
    createsApart: options.createsApart === true,
    unread: options.unread === true,
    rename: database && new DatabaseRename(database),
    watch: (other) => watchNotices(other, messages.server),
    ...messages.ofScript,
  })
  const walk = new ScriptWalk(parts, {
    cwd: options.cwd,
    values: valuesOf(client, options),
    session: {client, database: database?.name},
    mayBeEmpty: options.mayBeEmpty,
    isDump: options.isDump,
    encoding,
    ...messages.ofScript,
    progress: (bytes) =>
      options.onProgress?.({
        bytes,
        totalBytes,
        // While a statement runs nothing is reported, so these are of the moment when they are read.
        get rows() {
          return parts.rows
        },
        get at() {
          return parts.at
        },
      }),
  })
  return {parts, walk}
}

/** How the files can run again after an error; an error if they cannot, because a part of them is committed. */
async function restartFor(
  error: unknown,
  client: PostgresClient,
  inputs: ScriptInput[],
  options: PlacedOptions,
  {parts, encoding, transaction}: {parts: Parts} & Pick<RunAttempt, 'encoding' | 'transaction'>,
): Promise<Error | undefined> {
  if (error instanceof ScanFirst) return error
  if (error instanceof Restart) return parts.instead(error) ?? error
  if (parts.oneTransaction && (await options.again?.(error)) === true) return new Restart({})
  const mayBegin = transaction === 'one' && parts.oneTransaction && !parts.leftOpen
  if (mayBegin && options.unread === true && cannotBeInTransaction(error)) return new ScanFirst()
  if (mayBegin && cannotBeInTransaction(error) && (await haveTransactions(client, inputs, {...options, encoding})))
    return new Restart({transaction: 'written'})
  if (parts.oneTransaction && encoding === undefined && errorCode(error) === 'script_not_utf8') {
    const byDefault = await defaultEncoding(client)
    if (byDefault !== undefined) return new Restart({encoding: byDefault})
  }
  return undefined
}

/** The encoding in which psql would read a file that is not UTF-8, if we can: that of the role or the database. */
async function defaultEncoding(client: PostgresClient): Promise<string | undefined> {
  const {rows} = await client.query<{encoding: string}>(catalogQuery('client-encoding'))
  const encoding = rows[0]?.encoding
  return decoderOf(encoding) && encoding
}

/** Adds what is kept to an error that a file has by itself; the server's errors already say it. */
function withState(error: unknown, state: string): unknown {
  if (!(error instanceof SqlError || error instanceof ConfigurationError) || sqlStateOf(error.cause) !== undefined)
    return error
  const {message, code, next, details, cause} = error
  if (message.includes(state) || next.includes(state)) return error
  const options = {code, next: [...next, state], details: {...details}, cause}
  return error instanceof SqlError ? new SqlError(message, options) : new ConfigurationError(message, options)
}

function valuesOf(client: PostgresClient, {database, variables}: RunOptions): Record<string, string> {
  return {...valuesOfSession({client, database: database?.name}), ...variables}
}

/** Whether the files begin or end transactions. Other errors in them are ignored here. */
async function haveTransactions(
  client: PostgresClient,
  inputs: ScriptInput[],
  options: PlacedOptions & Pick<RunAttempt, 'encoding'>,
): Promise<boolean> {
  const found = new Error()
  const add = ({piece}: Queued): undefined => {
    if (piece.statement === 'transaction' && readControl(piece) !== undefined) throw found
  }
  const {cwd, database, encoding} = options
  const placed = {cwd, encoding, session: {client, database: database?.name}}
  const walk = dryWalk({add, ...placed, values: valuesOf(client, options)})
  try {
    for (const input of inputs) await walk.run(input)
    return false
  } catch (error) {
    return error === found
  }
}
