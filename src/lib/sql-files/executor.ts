import {InterruptedError, type SqlError} from '../errors.js'
import {endsSession, errorPosition} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {
  type AnswerSink,
  type CopyIn,
  inTransaction,
  sendStatements,
  StatementsError,
} from '../postgres/wire/script-wire.js'
import {Batch, type Queued, type ScriptFile} from './batch.js'
import {type AskElsewhere, commit} from './commit.js'
import type {DatabaseRename} from './database-name.js'
import {scriptError} from './faults.js'
import {madeUp} from './pieces.js'
import {cannotBeInTransaction, lostWith, rowOfCopy, statementFailure} from './statement-failure.js'
import {type Follower, TransactionFollower, type TransactionOptions} from './transaction.js'
import {countOf, LastRows} from './psql/rows.js'
import type {AnsweredRows} from './psql/state.js'
import type {StatementSink} from './sink.js'

/** Large enough to make round trips cheap, and small enough that the server does not wait long for the first message. */
const batchSize = 256 * 1024

/** So much of a statement is shown that is in no file. */
const shownLength = 500

const idQuestion = 'select pg_catalog.pg_current_xact_id_if_assigned();'

const rowsTag = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/

export interface ExecutorOptions extends TransactionOptions {
  signal?: AbortSignal
  /** Set if the database has a temporary name. */
  rename?: DatabaseRename
  askElsewhere?: AskElsewhere
}

/**
 * Sends statements in order, many in one message if that makes no difference. While the server runs one message, the next
 * is built.
 */
export class Executor implements StatementSink, Follower {
  /** The number of finished statements. */
  statements = 0
  /** The number of rows that were inserted, updated, deleted or copied, as the server reports it. */
  rows = 0
  private readonly transaction: TransactionFollower
  private pending = new Batch()
  private inFlight: Promise<void> = Promise.resolve()
  private sent = false
  private transactionId: string | undefined
  private lastTag = ''

  constructor(
    private readonly client: PostgresClient,
    private readonly options: ExecutorOptions,
  ) {
    this.transaction = new TransactionFollower(client, this, options)
  }

  /** Whether everything so far is in our open transaction. */
  get oneTransaction(): boolean {
    return !this.transaction.committed
  }

  /** What is kept if the run fails now. */
  get kept(): string {
    return this.transaction.committed
      ? 'What the file committed before this statement is kept.'
      : 'Nothing was changed.'
  }

  /** Whether a transaction that the file has begun is open. */
  get leftOpen(): boolean {
    return this.transaction.leftOpen
  }

  /** Must be called before each file, because a COMMIT in one file does not affect the next. */
  async beginFile(): Promise<void> {
    if (this.transaction.ours) return
    await this.settle()
    this.transaction.beginFile()
  }

  add(queued: Queued): Promise<void> | undefined {
    const {statement, complete} = queued.piece
    if (!this.transaction.ours) return this.addAsWritten(queued)
    if (statement === 'transaction') return this.transaction.control(queued)
    this.transaction.note(queued.piece)
    this.queue(queued)
    // A last statement without a semicolon ends the message, because another file may follow.
    return this.pending.size >= batchSize || statement === 'setting' || !complete ? this.flush() : undefined
  }

  /** Adds a statement to the next message. */
  queue(queued: Queued): void {
    const rewritten = this.options.rename?.rewrite(queued.piece)
    const {piece} = queued
    this.pending.add(rewritten ? {...queued, piece: rewritten.piece, source: {piece, edits: rewritten.edits}} : queued)
  }

  private async addAsWritten(queued: Queued): Promise<void> {
    const isControl = queued.piece.statement === 'transaction'
    if (isControl) await this.settle()
    this.queue(queued)
    if (isControl) await this.transaction.underWay(queued.piece, () => this.settle())
    else if (!inTransaction(this.client)) {
      // What `\\;` joins is one message, which is one transaction.
      if (queued.piece.extra.joined !== true) await this.settle()
    } else if (this.pending.size >= batchSize || queued.piece.statement === 'setting' || !queued.piece.complete)
      await this.flush()
  }

  /** Waits until all statements so far are finished. */
  async settle(): Promise<void> {
    await this.flush()
    await this.inFlight
  }

  /** Waits like {@link settle}; returns the number of rows of the last statement. */
  async lastCount(): Promise<number> {
    await this.settle()
    return countOf(this.lastTag)
  }

  /** Runs a statement; resolves with its rows. */
  async answer(queued: Queued): Promise<AnsweredRows> {
    const answer = new LastRows()
    await this.settle()
    if (queued.piece.statement === 'transaction' && this.transaction.ours) {
      await this.add(queued)
      await this.settle()
      return answer
    }
    if (this.transaction.ours) this.transaction.note(queued.piece)
    this.queue(queued)
    await this.run(this.takePending(), answer)
    return answer
  }

  /** Asks the server something, which does not count as a statement. */
  async ask(question: string): Promise<AnsweredRows> {
    const answer = await this.answer(questionOf(question))
    this.statements--
    return answer
  }

  /**
   * Waits until everything is finished. With the last statements it also asks for the id of our transaction, by which the
   * outcome of COMMIT can be looked up.
   */
  async finish(): Promise<void> {
    if (!this.transaction.ours || this.transaction.leftOpen) return this.settle()
    if (this.pending.length === 0 && !this.transaction.begun) return this.settle()
    await this.inFlight
    this.pending.add(questionOf(idQuestion))
    const answer = new LastRows()
    await this.run(this.takePending(), answer)
    this.statements--
    this.transactionId = answer.rows.at(-1)?.[0] ?? undefined
  }

  /** Starts a COPY … FROM STDIN. Its data begins at `data`, from which the lines of errors are counted. */
  async copy(queued: Queued, data: {script: ScriptFile; line: number}): Promise<CopyIn> {
    if (this.transaction.ours) this.transaction.note(queued.piece)
    else if (!inTransaction(this.client)) await this.settle()
    this.pending.add(queued)
    const batch = this.takePending()
    await this.inFlight
    const failure = (error: unknown) => this.copyFailure(error, batch, data)
    const {copy} = await this.send(batch).catch(failure)
    if (!copy) throw this.misread(batch)
    return {
      write: (chunk) => copy.write(chunk).catch(failure),
      end: () => copy.end().then((tags) => this.count(tags), failure),
      fail: (reason) => copy.fail(reason),
    }
  }

  /** Commits our transaction. Call it when everything is finished, so that an interruption before rolls everything back. */
  async commit(): Promise<void> {
    const {signal, askElsewhere, warn} = this.options
    this.throwIfAborted()
    if (!this.transaction.ours || !this.transaction.begun) return
    const {transactionId} = this
    await commit(this.client, {transactionId, askElsewhere, committedBefore: !this.oneTransaction, warn, signal})
  }

  /** Rolls back, after waiting for the current message; never rejects. */
  async rollback(): Promise<void> {
    await this.inFlight.catch(() => undefined)
    if (!this.sent || this.options.signal?.aborted) return
    // The error arrives before the transaction state. A message that could not be parsed has not begun a transaction, and
    // then ROLLBACK would cause a warning.
    await this.client.query('').catch(() => undefined)
    if (inTransaction(this.client)) await this.client.query('rollback').catch(() => undefined)
  }

  private async flush(): Promise<void> {
    if (this.pending.length === 0) return
    const batch = this.takePending()
    await this.inFlight
    this.inFlight = this.run(batch)
    // The next flush or settle reports the error; until then it must not count as unhandled.
    this.inFlight.catch(() => undefined)
  }

  private takePending(): Batch {
    const batch = this.pending
    this.pending = new Batch()
    return batch
  }

  private async run(batch: Batch, sink?: AnswerSink): Promise<void> {
    try {
      const {copy, tags} = await this.send(batch, sink)
      if (!copy) {
        this.count(tags)
        return
      }
      await copy.fail('there is no data for this COPY')
    } catch (error) {
      throw await this.failure(error, batch)
    }
    throw this.misread(batch)
  }

  private send(batch: Batch, sink?: AnswerSink): ReturnType<typeof sendStatements> {
    this.throwIfAborted()
    const begin = this.transaction.begin()
    if (begin) this.statements--
    this.sent = true
    return sendStatements(this.client, batch.build(begin), sink)
  }

  private throwIfAborted(): void {
    if (this.options.signal?.aborted) throw new InterruptedError(this.options.signal.reason)
  }

  private count(tags: string[]): string[] {
    this.statements += tags.length
    this.lastTag = tags.at(-1) ?? this.lastTag
    for (const tag of tags) this.rows += Number(rowsTag.exec(tag)?.[1] ?? 0)
    return tags
  }

  private async copyFailure(error: unknown, batch: Batch, data: {script: ScriptFile; line: number}): Promise<never> {
    const cause = error instanceof StatementsError ? error.error : error
    const row = rowOfCopy(cause)
    if (row === undefined) throw await this.failure(error, batch)
    throw await statementFailure(cause, data.script, {line: data.line + row - 1, column: 1}, this.advice(cause))
  }

  private async failure(error: unknown, batch: Batch): Promise<unknown> {
    if (!(error instanceof StatementsError)) return error
    if (endsSession(error.error)) return this.loss(error.error)
    const found = batch.locate(errorPosition(error.error), error.completed)
    if (!found) return error.error
    const {bytes, start, extra} = found.piece
    const statement = extra.computed
      ? [`The statement: ${bytes.toString('utf8', start).trim().slice(0, shownLength)}`]
      : []
    return statementFailure(error.error, found.script, found.at, [...statement, ...this.advice(error.error)])
  }

  private advice(error: unknown): string[] {
    const {ours} = this.transaction
    return [
      this.kept,
      ...(ours && cannotBeInTransaction(error) ? ['To run the file without a transaction: --no-transaction'] : []),
    ]
  }

  /** Adds advice to a lost connection, unless everything was in one transaction, which is rolled back. */
  private loss(error: unknown): unknown {
    const {fate} = this.transaction
    return fate.next.length === 0 ? error : lostWith(this.client, fate.code, fate.next, error)
  }

  private misread(batch: Batch): SqlError {
    const found = batch.locate(undefined, batch.length)
    const at = found?.at ?? {line: 1, column: 1}
    return scriptError(
      'script_copy_unexpected',
      'The server expects COPY data at another place than cruddur-db.',
      found?.script.name ?? '',
      at,
      'Write COPY table FROM STDIN; and the data on the lines after it.',
    )
  }
}

/** A statement of ours, not of a file. */
function questionOf(text: string): Queued {
  return {piece: madeUp(text, {line: 1, column: 1}), script: {path: '', name: '', includedFrom: []}}
}
