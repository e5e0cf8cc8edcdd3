import type {SqlError} from '../errors.js'
import {endsSession, errorPosition, sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {StatementsError} from '../postgres/wire/script-wire.js'
import {scriptError} from '../sql-text/faults.js'
import {computedText} from '../sql-text/pieces.js'
import type {Batch, ScriptFile} from './batch.js'
import {findUnreadable} from './culprit.js'
import type {DumpHead} from './dump-head.js'
import {adviceOnMissing} from './missing-advice.js'
import {cannotBeInTransaction, lostWith, rowOfCopy, failureOfStatement} from './statement-failure.js'
import {Restart, type TransactionFollower} from './transaction.js'

export interface FailureOptions {
  /** Settings at the head of a dump that are left out. */
  skip?: ReadonlySet<string>
  /** How to run the files without a transaction, as advice on a statement that needs it. */
  outsideAdvice?: string | undefined
}

/** Turns the errors of messages into errors with a place in a file and advice. */
export class MessageFailure {
  constructor(
    private readonly client: PostgresClient,
    private readonly transaction: TransactionFollower,
    private readonly head: DumpHead,
    private readonly options: FailureOptions,
  ) {}

  /** The error of a COPY … FROM STDIN; an error of a row has its line in the data. */
  async ofCopy(error: unknown, batch: Batch, data: {script: ScriptFile; line: number}): Promise<unknown> {
    const cause = error instanceof StatementsError ? error.error : error
    const row = rowOfCopy(cause)
    if (row === undefined) return this.of(error, batch)
    return failureOfStatement(cause, data.script, {line: data.line + row - 1, column: 1}, this.advice(cause))
  }

  /** The error of a message, with the place of the statement. */
  async of(error: unknown, batch: Batch): Promise<unknown> {
    if (!(error instanceof StatementsError)) return error
    if (endsSession(error.error)) return this.loss(error.error)
    const found = batch.locate(errorPosition(error.error), await this.completed(error, batch))
    if (!found) return error.error
    const setting = this.head.settingOf(found.piece)
    const mayRestart = this.transaction.mayRestart && (!this.transaction.committed || this.head.isFirst)
    if (setting !== undefined && mayRestart && sqlStateOf(error.error) === sqlState.undefinedObject)
      return new Restart({skip: new Set([...(this.options.skip ?? []), setting])})
    const next = [
      ...computedText(found.piece),
      ...adviceOnMissing(error.error, found.piece),
      ...this.advice(error.error),
    ]
    return failureOfStatement(error.error, found.script, found.at, next)
  }

  /** How many statements of the message are before the one that has failed. */
  private async completed({error, completed}: StatementsError, batch: Batch): Promise<number> {
    if (completed > 0 || batch.length < 2 || errorPosition(error) !== undefined) return completed
    const culprit = await findUnreadable(this.client, batch.statements).catch(() => undefined)
    return culprit === undefined ? completed : culprit + batch.own
  }

  private advice(error: unknown): string[] {
    const {ours} = this.transaction
    return [
      this.transaction.kept,
      ...(ours && cannotBeInTransaction(error)
        ? [this.options.outsideAdvice ?? 'To run the file without a transaction: --no-transaction']
        : []),
    ]
  }

  /** Adds advice to a lost connection, unless everything was in one transaction, which is rolled back. */
  private loss(error: unknown): unknown {
    const {fate} = this.transaction
    return fate.next.length === 0 ? error : lostWith(this.client, fate.code, fate.next, error)
  }

  /** The error for a COPY whose data the splitter has not seen. */
  misread(batch: Batch): SqlError {
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
