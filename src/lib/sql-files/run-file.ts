import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {watchNotices} from '../postgres/wire/notices.js'
import type {CopyIn} from '../postgres/wire/script-wire.js'
import type {AskElsewhere} from './commit.js'
import {readControl} from './control.js'
import {type BuiltDatabase, DatabaseRename} from './database-name.js'
import {Executor, type ExecutorOptions} from './executor.js'
import {leftOpen} from './faults.js'
import {fileSize} from './source.js'
import {displayPath, type ScriptInput} from './sql-file.js'
import {cannotBeInTransaction} from './statement-failure.js'
import {Restart} from './transaction.js'
import {ScriptWalk, type StatementSink} from './walk.js'

/** Something that the server or the script says while it runs. */
export interface ScriptMessage {
  /** `notice` is everything that the server says of lesser weight than a warning; `echo` is a line of `\echo`. */
  kind: 'echo' | 'notice' | 'warning'
  text: string
}

/** How far a run has come. */
export interface ScriptProgress {
  /** Bytes of the files read so far, packed ones as they are packed. */
  bytes: number
  /** The size of the files; 0 where it is not known. Files that others include are not in it. */
  totalBytes: number
  /** Rows that the server has changed so far. */
  rows: number
}

/** How {@link runScripts} runs files. */
export interface RunOptions {
  /** The folder that paths in errors and in `\i` are relative to; the process's. */
  cwd?: string | undefined
  /**
   * False runs each statement as it is written, with no transaction around the files. Default true, which lets files have
   * transactions of their own; `only` refuses these.
   */
  transaction?: boolean | 'only' | undefined
  /** Where the client's database is being built in the place of another: what the files say of `name` is done to `builtAs`. */
  database?: BuiltDatabase | undefined
  signal?: AbortSignal | undefined
  onMessage?: ((message: ScriptMessage) => void) | undefined
  /** Told after each part of a file, some hundred kilobytes. */
  onProgress?: ((progress: ScriptProgress) => void) | undefined
  /** Work on the same client after the last statement, in the same transaction where it is one: then a failure undoes all. */
  beforeCommit?:
    ((client: PostgresClient, oneTransaction: boolean, warn: (text: string) => void) => Promise<void>) | undefined
  /** Work on the same client before the files commit something by themselves. */
  beforeOwnCommit?: ((client: PostgresClient) => Promise<void>) | undefined
  /**
   * Runs its argument on another connection to the same database: to look up what has become of a COMMIT whose answer was
   * lost.
   */
  askElsewhere?: AskElsewhere | undefined
}

/** What a run has done. */
export interface RunSummary {
  statements: number
  /** Rows inserted, updated, deleted and copied, by the server's count. */
  rows: number
  /** Bytes of the files, packed ones as they are packed. */
  bytes: number
  notices: number
  warnings: number
  /** `one`: all in one transaction. `own`: the file has committed by itself. `none`: it was asked for. */
  transaction: 'one' | 'own' | 'none'
}

/**
 * Runs SQL files in their order, as psql would, all of them or nothing: COMMIT is sent only after everything was
 * answered. What a file commits by itself stays, and only that: its BEGIN becomes a part of our transaction, and the rest
 * of the file after its COMMIT is run as it is written.
 *
 * A file with transactions of its own in which a statement outside of them cannot be in any, as VACUUM, is run as it is
 * written from its beginning.
 * @throws SqlError (SQLSTATE, or `script_…` for what this side finds) with `details.place`; ConfigurationError for a
 * file that cannot be read; ConnectionError (`commit_unknown` where the answer to COMMIT is lost and cannot be had);
 * StateError (`pooled_session`); InterruptedError
 */
export async function runScripts(
  client: PostgresClient,
  inputs: ScriptInput[],
  given: RunOptions = {},
): Promise<RunSummary> {
  const options = {...given, cwd: given.cwd ?? process.cwd()}
  const totalBytes = (await Promise.all(inputs.map(({path}) => fileSize(path)))).reduce((sum, size) => sum + size, 0)
  const messages = new Messages(options)
  const unwatch = watchNotices(client, messages.server)
  let attempt: Attempt = {transaction: transactionOf(options), messages, totalBytes}
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

/** Runs one SQL file: {@link runScripts} for a single one. */
export async function runSqlFile(client: PostgresClient, path: string, options: RunOptions = {}): Promise<RunSummary> {
  return runScripts(client, [{path}], options)
}

/** Options whose paths have a folder. */
type PlacedOptions = RunOptions & {cwd: string}

interface Attempt extends Pick<ExecutorOptions, 'transaction' | 'isolation'> {
  messages: Messages
  totalBytes: number
}

function transactionOf({transaction}: RunOptions): Attempt['transaction'] {
  if (transaction === 'only') return 'only'
  return transaction === false ? 'written' : 'one'
}

async function runOnce(
  client: PostgresClient,
  inputs: ScriptInput[],
  options: PlacedOptions,
  {messages, totalBytes, ...how}: Attempt,
): Promise<RunSummary> {
  const {database, beforeOwnCommit} = options
  const rename = database && new DatabaseRename(database)
  const executor = new Executor(client, {...options, ...how, rename, warn: messages.warn})
  const walk = new ScriptWalk(client, executor, {
    cwd: options.cwd,
    database: database?.name,
    echo: messages.echo,
    progress: (bytes) => options.onProgress?.({bytes, totalBytes, rows: executor.rows}),
  })
  try {
    if (how.transaction === 'written') await beforeOwnCommit?.(client)
    for (const input of inputs) {
      await executor.beginFile()
      await walk.run(input)
    }
    await executor.finish()
    if (executor.leftOpen) throw leftOpen(displayPath(inputs.at(-1)?.path ?? '', options.cwd), !executor.oneTransaction)
    await options.beforeCommit?.(client, executor.oneTransaction, messages.warn)
    await executor.commit()
  } catch (error) {
    await executor.rollback()
    if (
      how.transaction === 'one' &&
      executor.oneTransaction &&
      !executor.leftOpen &&
      cannotBeInTransaction(error) &&
      (await haveTransactions(client, inputs, options))
    )
      throw new Restart({transaction: 'written'})
    throw error
  }
  const {statements, rows} = executor
  const {notices, warnings} = messages
  const transaction = options.transaction === false ? 'none' : executor.oneTransaction ? 'one' : 'own'
  return {statements, rows, bytes: walk.bytes, notices, warnings, transaction}
}

/** Whether the files begin or end transactions; what is wrong with them otherwise is no matter here. */
async function haveTransactions(client: PostgresClient, inputs: ScriptInput[], {cwd}: PlacedOptions): Promise<boolean> {
  const found = new Error()
  const data: CopyIn = {write: () => Promise.resolve(), end: () => Promise.resolve([]), fail: () => Promise.resolve()}
  const sink: StatementSink = {
    add({piece}) {
      if (piece.statement === 'transaction' && readControl(piece) !== undefined) throw found
      return undefined
    },
    copy: () => Promise.resolve(data),
  }
  const walk = new ScriptWalk(client, sink, {cwd, echo: () => undefined, progress: () => undefined})
  try {
    for (const input of inputs) await walk.run(input)
    return false
  } catch (error) {
    return error === found
  }
}

/** Counts and passes on what is said; after a restart, what was echoed before is not echoed again. */
class Messages {
  notices = 0
  warnings = 0
  private echoed = 0
  private toSkip = 0

  constructor(private readonly options: RunOptions) {}

  /** A warning of ours. */
  readonly warn = (text: string): void => {
    this.warnings++
    this.options.onMessage?.({kind: 'warning', text})
  }

  readonly echo = (text: string): void => {
    if (this.toSkip-- > 0) return
    this.echoed++
    this.options.onMessage?.({kind: 'echo', text})
  }

  readonly server = (severity: string, text: string): void => {
    if (severity === 'WARNING') return this.warn(text)
    this.notices++
    this.options.onMessage?.({kind: 'notice', text})
  }

  restart(): void {
    this.toSkip = this.echoed
    this.notices = this.warnings = 0
  }
}
