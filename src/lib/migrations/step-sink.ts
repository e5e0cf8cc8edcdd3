import {CruddurError, errorWith} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {type CopyIn, sendStatements, StatementsError} from '../postgres/wire/script-wire.js'
import {errorPosition} from '../postgres/connect/failures.js'
import {Batch, type Queued, type ScriptFile} from '../sql-files/batch.js'
import {noData} from '../sql-files/dry-walk.js'
import {isLockFailure, type LockRetry} from '../sql-files/lock-retry.js'
import type {ScriptSession, StatementSink} from '../sql-files/sink.js'
import {cannotBeInTransaction, failureOfStatement} from '../sql-files/statement-failure.js'
import {isSessionSetting, readControl} from '../sql-text/control.js'
import {scriptError} from '../sql-text/faults.js'
import type {LineColumn} from '../sql-text/search.js'
import {unknownRows} from '../sql-text/psql/state.js'
import {AloneStatement} from './alone-statement.js'
import type {PartialRecord} from './records.js'

export interface StepOptions {
  record: PartialRecord
  retry: LockRetry
  /** The number of statements that earlier runs have finished. */
  done: number
  /** The statement that an earlier run has sent outside of a transaction, without recording its end. */
  running: string | null
}

/**
 * Runs the statements of a migration with `transaction:false` one by one, and records how far it came: in the transaction
 * of the statement where that is possible, so that both are done or none. What stands between BEGIN and COMMIT is one step.
 */
export class StepSink implements StatementSink {
  /** The number of statements so far, with those that were skipped. */
  statements = 0
  /** The number of statements that are recorded as finished. */
  private reached: number
  /** The statements since the BEGIN of the file. */
  private block: Queued[] | undefined

  constructor(
    private readonly client: PostgresClient,
    private readonly options: StepOptions,
  ) {
    this.reached = options.done
  }

  /** Must be called first: removes what an earlier run has left, also if its statement is not in the file any more. */
  async begin(): Promise<void> {
    const {running, record, retry, done} = this.options
    if (running === null) return
    const more = {statements: done, state: this.kept(false)}
    await new AloneStatement(this.client, {text: running, record, retry, ...more}).clean()
  }

  async add(queued: Queued): Promise<void> {
    const control = queued.piece.statement === 'transaction' ? readControl(queued.piece) : undefined
    this.statements++
    if (control?.isolation !== undefined || control?.readOnly === true || control?.chain === true)
      throw refused(queued, 'A transaction with options cannot stand here.', 'Write BEGIN and COMMIT without options.')
    if (this.block !== undefined) return this.inBlock(queued, control?.kind)
    if (this.statements <= this.options.done && control?.kind !== 'begin') return this.again(queued)
    switch (control?.kind) {
      case undefined:
        return this.step([queued])
      case 'begin':
        this.block = [queued]
        return
      default:
        throw refused(queued, 'There is no transaction to end here.', 'Remove the statement.')
    }
  }

  async copy(queued: Queued, data: {script: ScriptFile; line: number}): Promise<CopyIn> {
    this.statements++
    if (this.block !== undefined)
      throw refused(
        queued,
        'COPY data cannot stand between BEGIN and COMMIT here.',
        'Put it into a migration of its own, which is one transaction.',
      )
    if (this.statements <= this.options.done) return noData
    this.options.retry.begin()
    const fail = async (error: unknown): Promise<never> => {
      await this.rollback()
      throw await this.placed(error, {...queued, script: data.script})
    }
    for (;;) {
      try {
        return await this.beginCopy(queued, fail)
      } catch (error) {
        const cause = error instanceof StatementsError ? error.error : error
        if (!isLockFailure(cause)) return fail(error)
        await this.rollback()
        await this.options.retry.again(cause, this.rolledBack(queued))
      }
    }
  }

  answer(queued: Queued): Promise<typeof unknownRows> {
    return Promise.reject(
      refused(
        queued,
        'The result of a statement cannot be used here.',
        'Remove \\gset or \\gexec, or the option transaction:false.',
      ),
    )
  }

  ask(): Promise<{columns: string[]; rows: (string | null)[][]}> {
    return Promise.resolve({columns: [], rows: []})
  }

  connect({piece, script}: Queued): Promise<ScriptSession | undefined> {
    return Promise.reject(refused({piece, script}, '\\connect cannot stand in a migration.', 'Remove the line.'))
  }

  lastCount(): Promise<typeof unknownRows> {
    return Promise.resolve(unknownRows)
  }

  /** Must be called at the end. */
  finish(): void {
    const [first] = this.block ?? []
    if (first !== undefined) throw refused(first, 'This BEGIN has no COMMIT.', 'End the transaction with COMMIT;')
  }

  /** A setting of the session holds for what follows, so it is made in each run. */
  private async again(queued: Queued): Promise<void> {
    if (!isSessionSetting(queued.piece)) return
    await sendStatements(this.client, queued.piece.bytes).catch(async (error: unknown) => {
      throw await this.placed(error, queued)
    })
  }

  private async inBlock(queued: Queued, control: string | undefined): Promise<void> {
    const block = this.block ?? []
    if (control === undefined) {
      block.push(queued)
      return
    }
    if (control === 'rollback') {
      this.block = undefined
      return
    }
    if (control !== 'commit' && control !== 'end')
      throw refused(queued, 'This statement cannot stand between BEGIN and COMMIT here.', 'Remove it.')
    this.block = undefined
    if (this.statements > this.options.done) await this.step(block.slice(1), true)
    else for (const each of block) await this.again(each)
  }

  /** Runs statements and records them, in one transaction, or a single one without if the server demands it. */
  private async step(queued: Queued[], isBlock = false): Promise<void> {
    const {record, retry} = this.options
    retry.begin()
    for (;;) {
      const batch = new Batch()
      queued.forEach((each) => batch.add(each))
      const text = batch.build(['begin', ...retry.opening])
      const closing = Buffer.from(`\n;${record.reached(this.statements)}; commit`)
      try {
        const {copy} = await sendStatements(this.client, Buffer.concat([text, closing]))
        if (copy === undefined) {
          this.reached = this.statements
          return
        }
        await copy.fail('there is no data for this COPY')
      } catch (error) {
        await this.rollback()
        const cause = error instanceof StatementsError ? error.error : error
        const [only] = queued
        if (only !== undefined && !isBlock && cannotBeInTransaction(cause)) return this.alone(only)
        if (await retry.again(cause, this.rolledBack(only, isBlock))) continue
        const found = error instanceof StatementsError ? batch.locate(errorPosition(cause), error.completed) : undefined
        throw found === undefined ? error : await this.placed(error, found, isBlock)
      }
      const [first] = queued
      await this.rollback()
      if (first !== undefined)
        throw refused(
          first,
          'The server expects COPY data here.',
          'Write COPY table FROM STDIN; and the data after it.',
        )
    }
  }

  private async alone(queued: Queued): Promise<void> {
    const {record, retry, running} = this.options
    const text = queued.piece.bytes.toString('utf8', queued.piece.start)
    const isBegun = this.statements === this.options.done + 1 && running === text
    const more = {statements: this.statements, state: this.rolledBack(queued)}
    const statement = new AloneStatement(this.client, {text, record, retry, ...more})
    await statement.run(isBegun).catch(async (error: unknown) => {
      const failure = await this.placed(error, queued)
      const left = await statement.left()
      throw left === '' || !(failure instanceof CruddurError) ? failure : withLeft(failure, left)
    })
    this.reached = this.statements
  }

  private async beginCopy(queued: Queued, fail: (error: unknown) => Promise<never>): Promise<CopyIn> {
    const {record, retry} = this.options
    const batch = new Batch()
    batch.add(queued)
    const {copy} = await sendStatements(this.client, batch.build(['begin', ...retry.opening]))
    if (copy === undefined) throw refused(queued, 'The server expects no data for this COPY.', 'Check the statement.')
    return {
      write: (chunk) => copy.write(chunk).catch(fail),
      fail: (reason) => copy.fail(reason),
      end: async () => {
        const tags = await copy.end().catch(fail)
        await this.client.query(`${record.reached(this.statements)}; commit`).catch(fail)
        this.reached = this.statements
        return tags
      },
    }
  }

  private async rollback(): Promise<void> {
    // The error arrives before the transaction state.
    await this.client.query('').catch(() => undefined)
    if (this.client.getTransactionStatus() !== 'I') await this.client.query('rollback').catch(() => undefined)
  }

  private placed(
    error: unknown,
    {piece, script, at = {line: piece.line, column: piece.column}}: Queued & {at?: LineColumn},
    isBlock = false,
  ): Promise<unknown> {
    const cause = error instanceof StatementsError ? error.error : error
    return failureOfStatement(cause, script, at, [this.kept(isBlock)])
  }

  private rolledBack(queued: Queued | undefined, isBlock = false): string {
    const where =
      queued === undefined ? '' : `The statement in ${queued.script.name}:${queued.piece.line} was rolled back. `
    return `${where}${this.kept(isBlock)}`
  }

  private kept(isBlock: boolean): string {
    if (this.reached === 0) return 'Nothing was changed.'
    return isBlock
      ? 'The statements before its BEGIN are kept. The next run goes on with that BEGIN.'
      : 'The statements before this one are kept. The next run goes on with this one.'
  }
}

function refused({piece, script}: Pick<Queued, 'piece' | 'script'>, message: string, next: string): Error {
  return scriptError('migration_step_refused', message, script.name, piece, next)
}

/** Says what a statement has left, in place of that nothing was changed. */
function withLeft(error: CruddurError, left: string): CruddurError {
  const told = (text: string): string => text.replace('Nothing was changed.', left)
  const next = error.next.map(told)
  const message = told(error.message)
  const isTold = message !== error.message || next.includes(left)
  return errorWith(error, {message, next: isTold ? next : [...next, left], details: {...error.details}})
}
