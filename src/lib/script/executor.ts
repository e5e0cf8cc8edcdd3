import {InterruptedError, SqlError} from '../errors.js'
import type {PostgresClient} from '../postgres/client.js'
import {errorPosition, sqlFailure, sqlStateOf} from '../postgres/failures.js'
import {type CopyIn, inTransaction, sendStatements, StatementsError} from '../postgres/script-wire.js'
import {Batch, type Queued, type ScriptFile} from './batch.js'
import {scriptError} from './faults.js'
import {type Place, readLine} from './place.js'
import type {LineColumn} from './search.js'

/** Large enough that round trips do not count, small enough that the server is not kept waiting for the first one. */
const batchSize = 256 * 1024

/** SQLSTATEs of what cannot be done in a transaction block: most of them, COMMIT in a procedure, a new enum value's use. */
const needsNoTransaction = new Set(['25001', '2D000', '55P04'])

const rowsTag = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/

/** How statements are run. */
export interface ExecutorOptions {
  /** All in one transaction of ours; else as they are written, which is a transaction each outside of BEGIN. */
  oneTransaction: boolean
  signal?: AbortSignal
}

/**
 * Sends statements in their order, many in a message where that changes nothing, and one message ahead: while the
 * server works on one, the next is made.
 */
export class Executor {
  /** Statements that the server has done. */
  statements = 0
  /** Rows that these have inserted, updated, deleted and copied, by the server's count. */
  rows = 0
  private pending = new Batch()
  private inFlight: Promise<void> = Promise.resolve()
  private begun = false

  constructor(
    private readonly client: PostgresClient,
    private readonly options: ExecutorOptions,
  ) {}

  /** Takes a statement; returns a promise only where the caller has to wait before the next. */
  add(queued: Queued): Promise<void> | undefined {
    const {statement, complete} = queued.piece
    if (!this.options.oneTransaction) return this.addAsWritten(queued)
    this.pending.add(queued)
    // A last statement without its semicolon ends the message, since another file's may follow.
    return this.pending.size >= batchSize || statement === 'setting' || !complete ? this.flush() : undefined
  }

  private async addAsWritten(queued: Queued): Promise<void> {
    const isControl = queued.piece.statement === 'transaction'
    if (isControl) await this.settle()
    this.pending.add(queued)
    if (isControl || !inTransaction(this.client)) await this.settle()
    else if (this.pending.size >= batchSize || queued.piece.statement === 'setting' || !queued.piece.complete)
      await this.flush()
  }

  /** Waits until everything taken so far is done. */
  async settle(): Promise<void> {
    await this.flush()
    await this.inFlight
  }

  /** Starts a COPY … FROM STDIN whose data begins at `dataPlace`, which errors of a row are counted from. */
  async copy(queued: Queued, data: {script: ScriptFile; line: number}): Promise<CopyIn> {
    if (!this.options.oneTransaction && !inTransaction(this.client)) await this.settle()
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

  /** Commits what is ours; to be called when everything is settled, so that an interruption before leaves nothing. */
  async commit(): Promise<void> {
    this.throwIfAborted()
    if (this.options.oneTransaction && this.begun) await this.client.query('commit')
  }

  /** Undoes what was not committed, waiting for a message in flight; never rejects. */
  async rollback(): Promise<void> {
    await this.inFlight.catch(() => undefined)
    if (!this.begun || this.options.signal?.aborted) return
    // An error arrives before the server says where the session stands: a batch that it could not parse has not even
    // begun, and to roll it back would be warned of.
    await this.client.query('').catch(() => undefined)
    if (inTransaction(this.client)) await this.client.query('rollback').catch(() => undefined)
  }

  private async flush(): Promise<void> {
    if (this.pending.length === 0) return
    const batch = this.takePending()
    await this.inFlight
    this.inFlight = this.run(batch)
    // The next flush or settle reports it; until then it is not unhandled.
    this.inFlight.catch(() => undefined)
  }

  private takePending(): Batch {
    const batch = this.pending
    this.pending = new Batch()
    return batch
  }

  private async run(batch: Batch): Promise<void> {
    try {
      const {copy, tags} = await this.send(batch)
      if (!copy) {
        this.count(tags)
        return
      }
      await copy.fail('no data follows this COPY')
    } catch (error) {
      throw await this.failure(error, batch)
    }
    throw this.misread(batch)
  }

  private send(batch: Batch): ReturnType<typeof sendStatements> {
    this.throwIfAborted()
    const text = batch.build(this.options.oneTransaction && !this.begun)
    if (this.options.oneTransaction && !this.begun) this.statements--
    this.begun = true
    return sendStatements(this.client, text)
  }

  private throwIfAborted(): void {
    if (this.options.signal?.aborted) throw new InterruptedError(this.options.signal.reason)
  }

  private count(tags: string[]): string[] {
    this.statements += tags.length
    for (const tag of tags) this.rows += Number(rowsTag.exec(tag)?.[1] ?? 0)
    return tags
  }

  private async copyFailure(error: unknown, batch: Batch, data: {script: ScriptFile; line: number}): Promise<never> {
    const cause = error instanceof StatementsError ? error.error : error
    const row = rowOfCopy(cause)
    if (row === undefined) throw await this.failure(error, batch)
    throw await this.sqlError(cause, data.script, {line: data.line + row - 1, column: 1})
  }

  private async failure(error: unknown, batch: Batch): Promise<unknown> {
    if (!(error instanceof StatementsError)) return error
    const found = batch.locate(errorPosition(error.error), error.completed)
    return found ? await this.sqlError(error.error, found.script, found.at) : error.error
  }

  private async sqlError(error: unknown, script: ScriptFile, at: LineColumn): Promise<unknown> {
    const failure = sqlFailure(error)
    if (!(failure instanceof SqlError) || isSessionEnd(error)) return error
    const next = [...failure.next]
    const {oneTransaction} = this.options
    if (oneTransaction && needsNoTransaction.has(failure.code))
      next.push('Run the file without a transaction around it: --no-transaction')
    if (!oneTransaction) next.push('The file was run as it is written: what it committed before this place stays.')
    return new SqlError(failure.message, {
      code: failure.code,
      next,
      details: {...failure.details, place: await placeOf(script, at)},
      cause: error,
    })
  }

  private misread(batch: Batch): SqlError {
    const found = batch.locate(undefined, batch.length)
    const at = found?.at ?? {line: 1, column: 1}
    return scriptError(
      'script_copy_unexpected',
      'The server and this tool disagree on what is COPY data.',
      found?.script.name ?? '',
      at,
      'Write it as COPY table FROM STDIN; with the data in the lines below.',
    )
  }
}

/** The place with its line's text and the files that include it. */
export async function placeOf(script: ScriptFile, {line, column}: LineColumn): Promise<Place> {
  return {file: script.name, line, column, text: await readLine(script.path, line), includedFrom: script.includedFrom}
}

/** Class 08 and 57P: the session is over, which is not the statement's fault. */
function isSessionEnd(error: unknown): boolean {
  return /^(08|57P)/.test(sqlStateOf(error) ?? '')
}

/**
 * The line of the data that the server was at, from its context `COPY table, line 3, …`: no field of its own has it.
 * The word for "line" is in the server's language, so it is not looked at.
 */
function rowOfCopy(error: unknown): number | undefined {
  const where = typeof error === 'object' && error !== null && 'where' in error ? String(error.where) : ''
  const line = /^COPY .*?, [^\d\n,]+ (\d+)/m.exec(where)?.[1]
  return line === undefined ? undefined : Number(line)
}
