import {keepSession} from '../access/lock.js'
import type {OperationContext} from '../access/context.js'
import {SqlError, StateError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {isLost} from '../postgres/connect/connection.js'
import {lostConnection, statementFailure} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {watchNotices} from '../postgres/wire/notices.js'
import {forgetAllButLocks, forgetSession} from '../postgres/wire/session-reset.js'
import {askWithinSeconds} from '../sql-files/commit.js'
import {LockRetry, type LockWaits} from '../sql-files/lock-retry.js'
import {Messages, type ScriptMessage} from '../sql-files/messages.js'
import type {Place} from '../sql-files/place.js'
import {runScripts} from '../sql-files/run-file.js'
import {valuesOfSession} from '../sql-files/session-names.js'
import {ScriptWalk} from '../sql-files/walk.js'
import {scriptError} from '../sql-text/faults.js'
import {expandedText} from './expanded.js'
import type {Migration, Section} from './migration.js'
import {
  type Direction,
  type MigrationRecord,
  PartialRecord,
  recordApplied,
  removeRecord,
  type StoredMigration,
} from './records.js'
import {prepareStatements, type RecordsTable} from './records-table.js'
import {StepSink} from './step-sink.js'

export interface RunnerOptions {
  cwd: string
  table: RecordsTable
  /** Whether a pooler takes the session back after each transaction. */
  pooled: boolean
  waits: LockWaits
  onMessage?: (message: ScriptMessage) => void
}

/** One direction of a migration, and what is stored of it. */
export interface Task extends Pick<Migration, 'version' | 'file'> {
  direction: Direction
  section: Section
  stored: StoredMigration
  record: MigrationRecord | undefined
}

/** What running a migration did. */
export interface TaskResult {
  statements: number
  rows: number
  milliseconds: number
}

/** What may change how later statements run in this session. */
const changesSession = /\b(?:set|reset|discard|set_config|listen|declare|temp|temporary|prepare|load|do|call|select)\b/i

/** Runs migrations in a session that has locked the database. */
export class MigrationRunner {
  private readonly retry: LockRetry

  constructor(
    private readonly client: PostgresClient,
    private readonly context: OperationContext,
    private readonly options: RunnerOptions,
  ) {
    const {target, signal, progress} = context
    this.retry = new LockRetry({...options.waits, client, url: target.url, signal, progress})
  }

  /** Makes the table of the records, or adds our columns to it. @throws SqlError, StateError (`lock_timeout`) */
  async prepareTable(): Promise<void> {
    const statements = prepareStatements(this.options.table)
    if (statements.length > 0) await this.transaction(statements)
  }

  /** Runs statements of ours in one transaction. */
  async transaction(statements: readonly string[], state?: string): Promise<void> {
    const {client, retry} = this
    retry.begin()
    for (;;) {
      try {
        await client.query(['begin', ...retry.opening, ...statements, 'commit'].join('; '))
        return
      } catch (error) {
        await client.query('rollback')
        if (!(await retry.again(error, state))) throw error
      }
    }
  }

  /** Runs `use`, and finds who holds a lock that a migration waits for. */
  watch<T>(use: () => Promise<T>): Promise<T> {
    return this.retry.watch(use)
  }

  /** Runs one direction of a migration: all of it and its record, or nothing. */
  async run(task: Task): Promise<TaskResult> {
    const {section} = task
    const start = performance.now()
    this.retry.begin()
    const isWhole = section.transaction && (task.record?.partial ?? null) === null
    const done = await (isWhole ? this.whole(task) : this.steps(task)).catch((error: unknown) => {
      throw this.failure(error)
    })
    if (changesSession.test(textOf(task)) && !this.options.pooled) {
      await forgetAllButLocks(this.client)
      await Promise.all(keepSession(this.client, true))
    }
    return {...done, milliseconds: Math.round(performance.now() - start)}
  }

  /** The error as the connection will report it, so that more can be said with it. */
  private failure(error: unknown): unknown {
    const {url} = this.context.target
    const failure = statementFailure(error, url)
    return isLost(this.client) && !this.context.signal.aborted ? lostConnection(failure, url) : failure
  }

  private async whole(task: Task): Promise<Pick<TaskResult, 'statements' | 'rows'>> {
    const {client, retry} = this
    const {version, file, direction, section, stored} = task
    const {cwd, table, pooled, onMessage} = this.options
    const {target, signal} = this.context
    try {
      const {statements, rows} = await runScripts(client, [section.input], {
        ...{cwd, signal, onMessage, transaction: 'only'},
        opening: retry.opening,
        closing: [
          ...(/\b(?:role|authorization)\b/i.test(textOf(task)) ? ['reset session authorization', 'reset role'] : []),
          ...(direction === 'up' ? recordApplied(table, version, stored) : removeRecord(table, version)),
        ],
        again: (error) => retry.again(error, `${file} was rolled back.`),
        refuseControl: () => transactionIncluded(file),
        outsideAdvice: `Write transaction:false after the marker in ${file}: its statements then run one by one.`,
        askElsewhere: (use) => withClient(target.url, {signal, seconds: askWithinSeconds}, use),
        ...(pooled ? {beforeCommit: forgetSession} : {}),
      })
      return {statements, rows}
    } catch (error) {
      throw ofRecord(error, file, table)
    }
  }

  private async steps(task: Task): Promise<Pick<TaskResult, 'statements' | 'rows'>> {
    const {client, retry} = this
    const {cwd, table, onMessage} = this.options
    const {version, direction, section, stored, record} = task
    const partial = record?.partial ?? undefined
    const partialRecord = new PartialRecord(table, version, direction, stored, expandedText(section, cwd))
    const sink = new StepSink(client, {
      record: partialRecord,
      retry,
      done: partial?.statements ?? 0,
      running: partial?.running ?? null,
    })
    const messages = new Messages({onMessage})
    const unwatch = watchNotices(client, messages.server)
    try {
      await this.transaction([partialRecord.begin()])
      await sink.begin()
      const session = {client, database: undefined}
      const walk = new ScriptWalk(sink, {
        ...{cwd, session, values: valuesOfSession(session)},
        ...messages.ofScript,
        progress: () => undefined,
      })
      await walk.run(section.input)
      sink.finish()
      await this.transaction(partialRecord.finished(), 'All of its statements have run. The next run records it.')
      return {statements: sink.statements - (partial?.statements ?? 0), rows: 0}
    } catch (error) {
      await client.query(partialRecord.forgetUnlessBegun()).catch(() => undefined)
      throw error
    } finally {
      unwatch()
    }
  }
}

/** With the files that it includes. */
const textOf = ({direction, section, stored}: Task): string => stored[direction] ?? section.text

/** A COMMIT in an included file is found when it is its turn; then everything is rolled back. */
function transactionIncluded(file: string): SqlError {
  return scriptError(
    'migration_transaction',
    'A migration is one transaction, so no file that it includes can begin or end one. Nothing was changed.',
    file,
    {line: 1, column: 1},
    'Remove the statement, or write transaction:false after the marker.',
  )
}

/**
 * Refuses migrations that need a session of their own, before the first is run: a pooler does not keep one.
 * @throws StateError (`pooled_session`)
 */
export function refuseSteps(tasks: readonly Pick<Task, 'file' | 'section'>[]): void {
  const files = tasks.flatMap(({file, section}) => (section.transaction ? [] : [file]))
  if (files.length === 0) return
  throw new StateError(`A pooler keeps no session for transaction:false in ${files.join(', ')}. Nothing was changed.`, {
    code: 'pooled_session',
    next: ['Use the URL of the server itself, not of the pooler.'],
    details: {files},
  })
}

/** The statements that record a migration are in no file, so an error of theirs has no place there. */
function ofRecord(error: unknown, file: string, {schema}: RecordsTable): unknown {
  const isOurs = error instanceof SqlError && (error.details['place'] as Place | undefined)?.file === ''
  if (!isOurs && !(error instanceof StateError && error.code === 'closing_without_effect')) return error
  return new StateError(
    `${file} was rolled back, because it could not be recorded in ${schema}.schema_migrations: ${error.message}`,
    {
      code: 'migration_not_recorded',
      next: ['Nothing was changed. A migration must leave the table schema_migrations as it is.'],
      details: {file, reason: error.code},
      cause: error,
    },
  )
}
