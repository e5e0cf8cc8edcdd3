import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {hasOpenTransaction} from '../postgres/wire/script-wire.js'
import {
  type Control,
  type Isolation,
  isolationLevels,
  isolationSet,
  isSessionSetting,
  readControl,
} from '../sql-text/control.js'
import {sessionNeeded} from '../sql-text/faults.js'
import {type BufferPiece, madeUp} from '../sql-text/pieces.js'
import type {Queued} from './batch.js'

export interface FileTransactionOptions {
  /**
   * `one`: all statements run in our transaction until a file has its own COMMIT; `only`: the same, but a COMMIT in a file
   * is an error; `written`: there is no transaction of ours.
   */
  transaction: 'one' | 'only' | 'written'
  /** The isolation level of our transaction. */
  isolation?: Isolation
  /** What earlier parts of the files have committed, in other databases, as a sentence. */
  keptBefore?: string | undefined
  /** Whether only one statement is run, which Postgres commits by itself. */
  alone?: boolean
  warn: (text: string) => void
  /** Statements to run at the beginning of each transaction of ours, for example SET LOCAL. */
  opening?: readonly string[] | undefined
  /** The error for a transaction in a file with `only`; default: that a pooler needs it. */
  refuseControl?: (() => Error) | undefined
  /** Runs before the first COMMIT in the files. */
  beforeOwnCommit?: (client: PostgresClient) => Promise<void>
}

/** Thrown if everything must be rolled back and run again in another way. */
export class Restart extends Error {
  constructor(
    readonly how:
      | {isolation: Isolation}
      | {transaction: 'written'}
      | {skip: ReadonlySet<string>}
      | {encoding: string}
      | Record<string, never>,
  ) {
    super('run the files again')
  }
}

/** Thrown if everything was rolled back, and can only run again after the files were read for a `\\connect`. */
export class ScanFirst extends Error {
  constructor() {
    super('read the files first')
  }
}

/** How a {@link TransactionFollower} sends statements. */
export interface Follower {
  /** The number of finished statements. */
  statements: number
  queue(queued: Queued): void
  settle(): Promise<void>
}

const savepoint = 'cruddur_db_begin'

/**
 * Makes sure that a failed file changes nothing, unless it has its own COMMIT, by running its transactions inside ours. Its
 * BEGIN becomes a savepoint, or begins our transaction if only settings came before. An END without a transaction, as in a
 * function body without quotes, does nothing. After a COMMIT, the rest of the file runs without our transaction.
 */
export class TransactionFollower {
  /** Whether the next statement belongs to our transaction. */
  ours: boolean
  /** Whether our transaction is open on the server. */
  begun = false
  /** Whether the files have committed something themselves. */
  committed: boolean
  /** What the file's own BEGIN has become: our transaction itself, or a savepoint in it. */
  private own: 'outermost' | 'savepoint' | undefined
  /** Whether only settings were changed in our transaction. */
  private onlySettings = true
  /** Whether settings are being sent outside our transaction. */
  private outside = false
  private committing = false
  private isolation: Isolation

  constructor(
    private readonly client: PostgresClient,
    private readonly follower: Follower,
    private readonly options: FileTransactionOptions,
  ) {
    this.ours = options.transaction !== 'written'
    this.committed = !this.ours && options.alone !== true
    this.isolation = options.isolation ?? 'read committed'
  }

  /** What is kept if a statement fails now. */
  get kept(): string {
    const {keptBefore = 'Nothing was changed.'} = this.options
    return this.committed ? 'What the file committed before this statement is kept.' : keptBefore
  }

  /** Whether restarting the run would repeat what is committed. */
  get mayRestart(): boolean {
    return this.options.keptBefore === undefined
  }

  /** Whether a transaction that the file has begun is open. */
  get leftOpen(): boolean {
    return this.ours ? this.own !== undefined : hasOpenTransaction(this.client)
  }

  /** Returns the BEGIN to put before the next message, which then counts as sent, and what follows it. */
  begin(): readonly string[] {
    if (!this.ours || this.begun || this.outside) return []
    this.begun = true
    const {isolation} = this
    const begin = isolation === 'read committed' ? 'begin' : `begin isolation level ${isolation}`
    return [begin, ...(this.options.opening ?? [])]
  }

  /** Must be called with each statement that does not begin or end a transaction. */
  note(piece: BufferPiece): void {
    if (this.onlySettings) this.onlySettings = isSessionSetting(piece)
    if (this.own === 'savepoint') this.require(isolationSet(piece))
  }

  /** Returns to our transaction for the next file, unless the last one has left its own open. */
  beginFile(): void {
    if (this.options.transaction === 'written' || hasOpenTransaction(this.client)) return
    this.ours = this.onlySettings = true
    this.begun = false
  }

  /** Handles a statement that begins or ends a transaction inside ours. */
  async control(queued: Queued): Promise<void> {
    const control = readControl(queued.piece)
    // If it is not valid, the server reports the error.
    if (control === undefined) return this.follower.queue(queued)
    if (this.options.transaction === 'only') throw (this.options.refuseControl ?? sessionNeeded)()
    switch (control.kind) {
      case 'begin':
        return this.ownBegin(queued, control)
      case 'rollback':
        return this.ownRollback(queued, control)
      case 'commit':
        return this.ownCommit(queued)
      case 'end':
      case 'prepare':
        return this.own ? this.ownCommit(queued) : this.ignored('there is no transaction in progress')
      case 'prepared':
        if (this.own === undefined) throw new Restart({transaction: 'written'})
        return this.follower.queue(queued)
    }
  }

  /** Sends a statement with `send`, and remembers whether it is a COMMIT, in case the connection is lost meanwhile. */
  async underWay(piece: BufferPiece, send: () => Promise<void>): Promise<void> {
    this.committing = /^(commit|end|prepare)$/.test(readControl(piece)?.kind ?? '')
    await send()
    this.committing = false
  }

  /** The error code and advice if the connection is lost now. There is no advice if everything is rolled back. */
  get fate(): {code: string; next: string[]} {
    const again = 'Check the database before you run the file again.'
    const {keptBefore, alone} = this.options
    if (this.committing || alone === true) {
      const before = this.committed ? ['What the file committed before is kept.'] : [keptBefore ?? []].flat()
      return {
        code: 'commit_unknown',
        next: [...before, 'It is not known whether the last transaction was committed.', again],
      }
    }
    if (!this.committed) return {code: 'connection_lost', next: [keptBefore ?? []].flat()}
    if (this.ours || hasOpenTransaction(this.client))
      return {
        code: 'connection_lost',
        next: ['What the file committed before is kept. Everything after its last COMMIT is rolled back.'],
      }
    return {
      code: 'commit_unknown',
      next: ['Earlier statements are kept. It is not known whether the last statement was run.', again],
    }
  }

  private async ownBegin(queued: Queued, {isolation, readOnly}: Control): Promise<void> {
    if (this.own) return this.ignored('there is already a transaction in progress')
    if (this.onlySettings) {
      await this.settleOutside()
      this.own = 'outermost'
      this.begun = true
      return this.alone(queued)
    }
    this.require(isolation)
    await this.follower.settle()
    this.own = 'savepoint'
    await this.alone(queued, [`savepoint ${savepoint}`, ...(readOnly ? ['set transaction read only'] : [])])
  }

  private async ownRollback(queued: Queued, {chain}: Control): Promise<void> {
    if (this.own === undefined) return this.ignored('there is no transaction in progress')
    await this.follower.settle()
    if (this.own === 'outermost') {
      await this.alone(queued)
      this.begun = chain
      this.onlySettings = true
    } else {
      const release = chain ? [] : [`release savepoint ${savepoint}`]
      await this.alone(queued, [`rollback to savepoint ${savepoint}`, ...release])
    }
    if (!chain) this.own = undefined
  }

  private async ownCommit(queued: Queued): Promise<void> {
    await this.follower.settle()
    // No transaction is open. The server answers with a warning.
    if (!this.begun) {
      this.outside = true
      await this.alone(queued)
      this.outside = false
      return
    }
    if (!this.committed) await this.options.beforeOwnCommit?.(this.client)
    await this.underWay(queued.piece, () => this.alone(queued))
    this.committed = true
    this.ours = this.begun = false
    this.own = undefined
  }

  /** Sends a statement, or others instead of it that count as one, in a separate message. */
  private async alone(queued: Queued, instead?: string[]): Promise<void> {
    const {piece, script} = queued
    this.follower.queue(instead ? {piece: madeUp(`${instead.join(';\n')};`, piece), script} : queued)
    await this.follower.settle()
    this.follower.statements -= (instead?.length ?? 1) - 1
  }

  /** Runs settings before a BEGIN outside its transaction. */
  private async settleOutside(): Promise<void> {
    this.outside = !this.begun
    await this.follower.settle()
    this.outside = false
    if (this.begun) await this.client.query('commit')
  }

  /** Warns like the server about a statement that has no effect. */
  private ignored(text: string): void {
    this.follower.statements++
    this.options.warn(`WARNING: ${text}`)
  }

  /** Restarts with a stricter isolation level, because only the first statement of a transaction can set it. */
  private require(isolation: Isolation = 'read committed'): void {
    if (isolationLevels.indexOf(isolation) <= isolationLevels.indexOf(this.isolation)) return
    if (this.begun) throw new Restart({isolation})
    this.isolation = isolation
  }
}
