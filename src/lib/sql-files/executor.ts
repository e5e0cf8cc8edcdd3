import {InterruptedError, StateError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {type AnswerSink, type CopyIn, hasOpenTransaction, sendStatements} from '../postgres/wire/script-wire.js'
import {madeUp} from '../sql-text/pieces.js'
import {countOf, LastRows} from '../sql-text/psql/rows.js'
import type {AnsweredRows} from '../sql-text/psql/state.js'
import {Batch, type Queued, type ScriptFile, type RunningStatements} from './batch.js'
import {type AskElsewhere, commit} from './commit.js'
import type {DatabaseRename} from './database-name.js'
import {DumpHead} from './dump-head.js'
import {type FailureOptions, MessageFailure} from './message-failure.js'
import type {StatementSink} from './sink.js'
import {type Follower, TransactionFollower, type FileTransactionOptions} from './transaction.js'

/** Large enough to make round trips cheap, and small enough that the server does not wait long for the first message. */
const batchSize = 256 * 1024

const idQuestion = 'select pg_catalog.pg_current_xact_id_if_assigned()'

const rowsTag = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/

export interface ExecutorOptions extends FileTransactionOptions, FailureOptions {
  signal?: AbortSignal
  /** Set if the database has a temporary name. */
  rename?: DatabaseRename
  askElsewhere?: AskElsewhere
  /**
   * Statements of ours to run in the same message as the last ones of the files, in place of the question for the id of the
   * transaction. The last one must answer it.
   */
  closing?: readonly string[] | undefined
  remark: (text: string) => void
}

/**
 * Sends statements in order, many in one message if that makes no difference. While the server runs one message, the next
 * is built.
 */
export class Executor implements Omit<StatementSink, 'connect'>, Follower {
  /** The number of finished statements. */
  statements = 0
  /** The number of rows that were inserted, updated, deleted or copied, as the server reports it. */
  rows = 0
  private readonly transaction: TransactionFollower
  private pending = new Batch()
  private inFlight: Promise<void> = Promise.resolve()
  private sent = false
  private running: {batch: Batch; since: number} | undefined
  private transactionId: string | undefined
  private lastTag = ''
  private readonly head = new DumpHead()
  private readonly failure: MessageFailure

  constructor(
    private readonly client: PostgresClient,
    private readonly options: ExecutorOptions,
  ) {
    this.transaction = new TransactionFollower(client, this, options)
    this.failure = new MessageFailure(client, this.transaction, this.head, options)
  }

  /** Whether everything so far is in our open transaction. */
  get oneTransaction(): boolean {
    return !this.transaction.committed
  }

  /** What is kept if the run fails now. */
  get kept(): string {
    return this.transaction.kept
  }

  /** Whether everything so far can be committed now, because the file has begun no transaction itself. */
  get commitsForUs(): boolean {
    return this.transaction.ours && !this.leftOpen
  }

  /** Whether a transaction that the file has begun is open. */
  get leftOpen(): boolean {
    return this.transaction.leftOpen
  }

  /** What the server works on. It answers a message as a whole, so one of its statements may be any. */
  get at(): RunningStatements | undefined {
    const {batch, since = 0} = this.running ?? {}
    return batch?.places((performance.now() - since) / 1000)
  }

  /** Must be called before each file, because a COMMIT in one file does not affect the next. */
  async beginFile(): Promise<void> {
    this.head.begin()
    if (this.transaction.ours) return
    await this.settle()
    this.transaction.beginFile()
  }

  add(queued: Queued): Promise<void> | undefined {
    const {statement, complete} = queued.piece
    const setting = this.head.note(queued.piece)
    if (setting !== undefined && this.options.skip?.has(setting)) return this.passOver(setting, queued)
    if (!this.transaction.ours) return this.addAsWritten(queued)
    if (statement === 'transaction') return this.transaction.control(queued)
    this.transaction.note(queued.piece)
    this.queue(queued)
    // A last statement without a semicolon ends the message, because another file may follow.
    return this.pending.size >= batchSize || statement === 'setting' || !complete ? this.flush() : undefined
  }

  /** Leaves out a setting of a dump that the server does not know. */
  private passOver(setting: string, {piece: {line}, script}: Queued): undefined {
    this.options.remark(`${script.name}:${line}: SET ${setting} was passed over, because this server does not have it.`)
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
    else if (!hasOpenTransaction(this.client)) {
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
    const {closing: ours} = this.options
    // Without statements of the files, there is only something to do if there are some of ours.
    if (ours === undefined && this.pending.length === 0 && !this.transaction.begun) return this.settle()
    const closing = ours ?? [idQuestion]
    await this.inFlight
    for (const statement of closing) this.pending.add(questionOf(`${statement};\n`))
    const answer = new LastRows()
    await this.run(this.takePending(), answer, closing.length)
    this.statements -= closing.length
    if (ours !== undefined && answer.rows.length === 0) throw withoutEffect()
    this.transactionId = answer.rows.at(-1)?.[0] ?? undefined
  }

  /** Starts a COPY … FROM STDIN. Its data begins at `data`, from which the lines of errors are counted. */
  async copy(queued: Queued, data: {script: ScriptFile; line: number}): Promise<CopyIn> {
    if (this.transaction.ours) this.transaction.note(queued.piece)
    else if (!hasOpenTransaction(this.client)) await this.settle()
    this.pending.add(queued)
    const batch = this.takePending()
    await this.inFlight
    const failure = (error: unknown) =>
      this.failure.ofCopy(error, batch, data).then((found) => Promise.reject(found as Error))
    const {copy} = await this.send(batch).catch(failure)
    if (!copy) throw this.failure.misread(batch)
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
    if (hasOpenTransaction(this.client)) await this.client.query('rollback').catch(() => undefined)
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

  /** Runs a message, the last `ours` statements of which are not of a file. */
  private async run(batch: Batch, sink?: AnswerSink, ours = 0): Promise<void> {
    try {
      const {copy, tags} = await this.send(batch, sink)
      if (!copy) {
        this.count(tags, ours)
        return
      }
      await copy.fail('there is no data for this COPY')
    } catch (error) {
      throw await this.failure.of(error, batch)
    }
    throw this.failure.misread(batch)
  }

  private send(batch: Batch, sink?: AnswerSink): ReturnType<typeof sendStatements> {
    this.throwIfAborted()
    const first = this.transaction.begin()
    this.statements -= first.length
    this.sent = true
    this.running = {batch, since: performance.now()}
    return sendStatements(this.client, batch.build(first), sink)
  }

  private throwIfAborted(): void {
    if (this.options.signal?.aborted) throw new InterruptedError(this.options.signal.reason)
  }

  private count(tags: string[], ours = 0): string[] {
    this.statements += tags.length
    this.lastTag = tags.at(-1) ?? this.lastTag
    for (const tag of tags.slice(0, tags.length - ours)) this.rows += Number(rowsTag.exec(tag)?.[1] ?? 0)
    return tags
  }
}

/** A statement of ours, not of a file. */
function questionOf(text: string): Queued {
  return {piece: madeUp(text, {line: 1, column: 1}), script: {path: '', name: '', includedFrom: []}}
}

/** For example if a trigger has left out the row. */
function withoutEffect(): StateError {
  return new StateError('The statement after the files had no effect, so everything was rolled back.', {
    code: 'closing_without_effect',
    next: ['Nothing was changed.'],
  })
}
