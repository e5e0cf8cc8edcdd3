import {StateError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeLiteral} from '../postgres/wire/escape.js'
import type {LockRetry} from '../sql-files/lock-retry.js'
import {type ConcurrentIndex, concurrentIndex, indexName, stateOf} from './concurrent-index.js'
import type {PartialRecord} from './records.js'

export interface AloneOptions {
  text: string
  record: PartialRecord
  retry: LockRetry
  /** Its number in the migration. */
  statements: number
  /** What is said if it does not get its lock. */
  state: string
}

/**
 * A statement that cannot run in a transaction, for example CREATE INDEX CONCURRENTLY. It is recorded before it is sent, so
 * that the next run knows that an invalid index of that name is its own, or that the statement has ended although its end
 * was not recorded.
 */
export class AloneStatement {
  private readonly index: ConcurrentIndex | undefined
  /** Whether an index of that name was made by this statement. */
  private isOwn = false
  /** Whether an invalid index must be removed first. */
  private leftInvalid = false

  constructor(
    private readonly client: PostgresClient,
    private readonly options: AloneOptions,
  ) {
    this.index = concurrentIndex(options.text)
  }

  /** Removes the invalid index that an earlier run of this statement has left behind. */
  async clean(): Promise<void> {
    const {client, index} = this
    if (index?.kind !== 'create' || (await stateOf(client, index)) !== 'invalid') return
    for (;;) {
      try {
        return await this.removeInvalid()
      } catch (error) {
        if (!(await this.options.retry.again(error, this.options.state))) throw error
      }
    }
  }

  /** `isBegun` says whether an earlier run has sent it already. */
  async run(isBegun: boolean): Promise<void> {
    const {record, statements} = this.options
    this.isOwn = isBegun
    this.options.retry.begin()
    if (!(isBegun && (await this.isDone()))) await this.send()
    await this.client.query(record.reached(statements))
  }

  /** Whether the earlier run has done it, although that was not recorded. */
  private async isDone(): Promise<boolean> {
    const {index} = this
    if (index?.index === undefined) return false
    const state = await stateOf(this.client, index)
    return state === (index.kind === 'create' ? 'valid' : 'absent')
  }

  private async send(): Promise<void> {
    const {text, record, retry, state} = this.options
    const {client, index} = this
    if (index?.kind === 'create' && index.index === undefined) throw unnamed()
    // An index that is there already is not ours, and stays if the statement fails.
    this.isOwn ||= index !== undefined && (await stateOf(client, index)) === 'absent'
    if (this.isOwn || index?.kind !== 'create') await client.query(record.running(text))
    for (;;) {
      try {
        if (this.leftInvalid) await this.removeInvalid()
        await this.withLimit(() => client.query(text))
        break
      } catch (error) {
        this.leftInvalid = await this.leavesInvalid()
        const [again, failure] = await retry.again(error, state).then(
          (answer) => [answer, error] as const,
          (reason: unknown) => [false, reason] as const,
        )
        if (again) continue
        await this.giveUp().catch(() => undefined)
        throw failure
      }
    }
    if (index?.kind === 'create' && (await stateOf(client, index)) === 'invalid') throw stillInvalid(index)
  }

  /** What a failure has left, which no transaction has rolled back. */
  async left(): Promise<string> {
    const {client, index} = this
    if (index?.index === undefined) return 'It ran outside of a transaction: check what it has done.'
    const state = await stateOf(client, index).catch(() => 'absent' as const)
    if (state !== 'invalid' || (index.kind === 'create' && !this.isOwn)) return ''
    const name = indexName(index)
    return index.kind === 'create'
      ? `It has left the invalid index ${name}, which the next run removes.`
      : `The index ${name} is invalid now, so no query uses it. The next run drops it.`
  }

  /** After an answer of the server that it has failed. What cannot be removed now is found by the next run. */
  private async giveUp(): Promise<void> {
    const {record, statements} = this.options
    if (this.leftInvalid) await this.removeInvalid()
    await this.client.query(record.reached(statements - 1))
  }

  private async leavesInvalid(): Promise<boolean> {
    const {client, index, isOwn} = this
    return isOwn && index?.kind === 'create' && (await stateOf(client, index)) === 'invalid'
  }

  private async removeInvalid(): Promise<void> {
    const {client, index} = this
    if (index === undefined) return
    await this.withLimit(() => client.query(`drop index concurrently if exists ${indexName(index)}`))
    this.leftInvalid = false
  }

  private async withLimit(send: () => Promise<unknown>): Promise<void> {
    const {client} = this
    const {rows} = await client.query<{before: string}>("select pg_catalog.current_setting('lock_timeout') as before")
    await client.query(`set lock_timeout = '${this.limitMs}ms'`)
    try {
      await send()
    } finally {
      // The file may have set it itself.
      const back = `set lock_timeout = ${escapeLiteral(rows[0]?.before ?? '0')}`
      await client.query(back).catch(() => undefined)
    }
  }

  /**
   * CONCURRENTLY takes no lock that others wait behind, but waits for all older transactions, so it may wait for as long as
   * is tried again. Others, for example VACUUM FULL, wait like statements in a transaction.
   */
  private get limitMs(): number {
    const {text, retry} = this.options
    return /\bconcurrently\b/i.test(text) ? Math.max(retry.leftMs, retry.lockTimeoutMs) : retry.lockTimeoutMs
  }
}

function unnamed(): StateError {
  return new StateError('CREATE INDEX CONCURRENTLY in a migration needs the name of the index. It was not run.', {
    code: 'migration_index_unnamed',
    next: ['Name it: if the statement fails, the invalid index that it leaves behind is found by its name.'],
  })
}

function stillInvalid(index: ConcurrentIndex): StateError {
  const name = indexName(index)
  return new StateError(`The index ${name} is invalid: it was there before, and IF NOT EXISTS has left it as it is.`, {
    code: 'migration_index_invalid',
    next: [`Remove it, then run the migration again: drop index concurrently ${name};`],
    details: {index: name},
  })
}
