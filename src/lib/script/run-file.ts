import {StateError} from '../errors.js'
import type {PostgresClient} from '../postgres/client.js'
import {watchNotices} from '../postgres/notices.js'
import {inTransaction} from '../postgres/script-wire.js'
import {Executor} from './executor.js'
import {scriptError} from './faults.js'
import {fileSize} from './source.js'
import {displayPath} from './sql-file.js'
import {OwnTransactions, ScriptWalk} from './walk.js'

/** Something that the server or the script says while it runs. */
export interface ScriptMessage {
  /** `warning` is the server's; `notice` is everything it says of lesser weight; `echo` is a line of `\echo`. */
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
  /** The folder that paths in errors and in `\i` are relative to. */
  cwd: string
  /**
   * False runs each statement as it is written, with no transaction around the files. Default true, which lets files have
   * transactions of their own; `only` refuses these.
   */
  transaction?: boolean | 'only'
  signal?: AbortSignal
  onMessage?: (message: ScriptMessage) => void
  /** Told after each part of a file, some hundred kilobytes. */
  onProgress?: (progress: ScriptProgress) => void
  /** Work on the same client after the last statement, in the same transaction where it is one: then a failure undoes all. */
  beforeCommit?: (client: PostgresClient, oneTransaction: boolean) => Promise<void>
}

/** A file to run: SQL, or a table's rows as CSV. */
export interface ScriptInput {
  path: string
  /** Set for CSV: the COPY for it is made from the file's header. */
  table?: string[]
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
  /** `one`: all in one transaction. `own`: the file has its own BEGIN or COMMIT. `none`: it was asked for. */
  transaction: 'one' | 'own' | 'none'
}

/**
 * Runs SQL files in their order, as psql would, all of them or nothing: COMMIT is sent only after everything was
 * answered. Files that have a transaction of their own are run as they are written.
 *
 * A file shows that only at its BEGIN. What was sent before is rolled back then, and the run begins anew.
 * @throws SqlError (SQLSTATE, or `script_…` for what this side finds) with `details.place`; ConfigurationError for a
 * file that cannot be read; StateError (`pooled_session`); InterruptedError
 */
export async function runScripts(
  client: PostgresClient,
  inputs: ScriptInput[],
  options: RunOptions,
): Promise<RunSummary> {
  const totalBytes = (await Promise.all(inputs.map(({path}) => fileSize(path)))).reduce((sum, size) => sum + size, 0)
  const messages = new Messages(options)
  const unwatch = watchNotices(client, messages.server)
  try {
    const run = (mode: RunSummary['transaction']) => runOnce(client, inputs, options, {mode, messages, totalBytes})
    if (options.transaction === false) return await run('none')
    try {
      return await run('one')
    } catch (error) {
      if (!(error instanceof OwnTransactions)) throw error
      if (options.transaction === 'only') throw sessionNeeded()
      messages.restart()
      return await run('own')
    }
  } finally {
    unwatch()
  }
}

/** Runs one SQL file: {@link runScripts} for a single one. */
export async function runSqlFile(client: PostgresClient, path: string, options: RunOptions): Promise<RunSummary> {
  return runScripts(client, [{path}], options)
}

interface Attempt {
  mode: RunSummary['transaction']
  messages: Messages
  totalBytes: number
}

async function runOnce(
  client: PostgresClient,
  inputs: ScriptInput[],
  options: RunOptions,
  attempt: Attempt,
): Promise<RunSummary> {
  const {mode, messages, totalBytes} = attempt
  const executor = new Executor(client, {oneTransaction: mode === 'one', signal: options.signal})
  const walk = new ScriptWalk(client, executor, {
    cwd: options.cwd,
    oneTransaction: mode === 'one',
    echo: messages.echo,
    progress: (bytes) => options.onProgress?.({bytes, totalBytes, rows: executor.rows}),
  })
  try {
    for (const input of inputs) await walk.run(input)
    await executor.settle()
    if (mode !== 'one' && inTransaction(client)) throw leftOpen(displayPath(inputs.at(-1)?.path ?? '', options.cwd))
    await options.beforeCommit?.(client, mode === 'one')
    await executor.commit()
  } catch (error) {
    await executor.rollback()
    throw error
  }
  const {statements, rows} = executor
  return {
    statements,
    rows,
    bytes: walk.bytes,
    notices: messages.notices,
    warnings: messages.warnings,
    transaction: mode,
  }
}

/** What needs a session for more than a transaction, where only a transaction keeps one. */
export function sessionNeeded(): StateError {
  return new StateError('Through a pooler files are run in one transaction: between several, settings of the session are lost or become those of others.', {
    code: 'pooled_session',
    next: ['Name the server itself in the URL instead of the pooler.', 'Or take BEGIN and COMMIT out of the files, and do without --no-transaction.'],
  })
}

function leftOpen(file: string): Error {
  return scriptError(
    'script_open_transaction',
    'The file ends inside a transaction of its own: what came after its last BEGIN was rolled back.',
    file,
    {line: 1, column: 1},
    'End the file with COMMIT;',
  )
}

/** Counts and passes on what is said; after a restart, what was echoed before is not echoed again. */
class Messages {
  notices = 0
  warnings = 0
  private echoed = 0
  private toSkip = 0

  constructor(private readonly options: RunOptions) {}

  readonly echo = (text: string): void => {
    if (this.toSkip-- > 0) return
    this.echoed++
    this.options.onMessage?.({kind: 'echo', text})
  }

  readonly server = (severity: string, text: string): void => {
    const kind = severity === 'WARNING' ? 'warning' : 'notice'
    if (kind === 'warning') this.warnings++
    else this.notices++
    this.options.onMessage?.({kind, text})
  }

  restart(): void {
    this.toSkip = this.echoed
    this.notices = this.warnings = 0
  }
}
