import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {inTransaction} from '../postgres/wire/script-wire.js'
import type {Queued} from './batch.js'
import {type Control, type Isolation, isolations, isolationSet, isSessionSetting, readControl} from './control.js'
import {sessionNeeded} from './faults.js'
import {type BufferPiece, madeUp} from './pieces.js'

/** In whose transactions statements are run. */
export interface TransactionOptions {
  /**
   * `one`: all in one of ours, until a file says COMMIT by itself; `only`: the same, and a file may not; `written`: none
   * of ours.
   */
  transaction: 'one' | 'only' | 'written'
  /** What our transaction begins with. */
  isolation?: Isolation
  warn: (text: string) => void
  /** Work on the client before the files commit for the first time by themselves. */
  beforeOwnCommit?: (client: PostgresClient) => Promise<void>
}

/** Thrown where what was run so far has to be undone and run again in another way. */
export class Restart extends Error {
  constructor(readonly how: {isolation: Isolation} | {transaction: 'written'}) {
    super('to be run again')
  }
}

/** What a {@link TransactionFollower} sends statements with. */
export interface Follower {
  /** Counts the answers, one a statement. */
  statements: number
  queue(queued: Queued): void
  settle(): Promise<void>
}

const savepoint = 'cruddur_db_begin'

/**
 * Holds the promise that nothing stays of a file that fails unless the file has said COMMIT: what it says of transactions
 * becomes part of one of ours. Its BEGIN is a savepoint there, or begins ours where nothing but settings came before; an
 * END that ends nothing, as a routine's body that lost its quotes has it, does nothing. After a COMMIT the rest of the
 * file is run as it is written.
 */
export class TransactionFollower {
  /** Whether what is run next belongs to a transaction of ours. */
  ours: boolean
  /** Whether that transaction is open on the server. */
  begun = false
  /** Whether the files have committed by themselves. */
  committed: boolean
  /** How the transaction that the file has begun in ours is kept: it is ours, or a savepoint in it. */
  private own: 'outermost' | 'savepoint' | undefined
  /** Whether nothing but settings was run in our transaction. */
  private onlySettings = true
  /** Whether settings are being sent outside of it. */
  private outside = false
  private committing = false
  private isolation: Isolation

  constructor(
    private readonly client: PostgresClient,
    private readonly follower: Follower,
    private readonly options: TransactionOptions,
  ) {
    this.ours = options.transaction !== 'written'
    this.committed = !this.ours
    this.isolation = options.isolation ?? 'read committed'
  }

  /** Whether a transaction that the file began is open. */
  get leftOpen(): boolean {
    return this.ours ? this.own !== undefined : inTransaction(this.client)
  }

  /** What has to be put before the next message; it counts as sent. */
  begin(): Buffer | undefined {
    if (!this.ours || this.begun || this.outside) return undefined
    this.begun = true
    const {isolation} = this
    return Buffer.from(isolation === 'read committed' ? 'begin;\n' : `begin isolation level ${isolation};\n`)
  }

  /** Takes notice of a statement that is no BEGIN or COMMIT. */
  note(piece: BufferPiece): void {
    if (this.onlySettings) this.onlySettings = isSessionSetting(piece)
    if (this.own === 'savepoint') this.require(isolationSet(piece))
  }

  /** After a file with a COMMIT of its own, unless it has left a transaction open, the next one is ours again. */
  beginFile(): void {
    if (this.options.transaction === 'written' || inTransaction(this.client)) return
    this.ours = this.onlySettings = true
    this.begun = false
  }

  /** Follows a statement that begins or ends a transaction, while what is run is ours. */
  async control(queued: Queued): Promise<void> {
    const control = readControl(queued.piece)
    // What only looks like one the server refuses, with its place.
    if (control === undefined) return this.follower.queue(queued)
    if (this.options.transaction === 'only') throw sessionNeeded()
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

  /** Sends a statement of the file by `send`; should the connection be lost meanwhile, it may have been a COMMIT. */
  async underWay(piece: BufferPiece, send: () => Promise<void>): Promise<void> {
    this.committing = /^(commit|end|prepare)$/.test(readControl(piece)?.kind ?? '')
    await send()
    this.committing = false
  }

  /** What has become of the work, should the connection be lost now: nothing to say where all of it is rolled back. */
  get fate(): {code: string; next: string[]} {
    const again = 'Look at the database before you run the file again.'
    if (this.committing) {
      const before = this.committed ? ['What the file committed before stays.'] : []
      return {code: 'commit_unknown', next: [...before, 'The COMMIT that was under way may be stored or not.', again]}
    }
    if (!this.committed) return {code: 'connection_lost', next: []}
    if (this.ours || inTransaction(this.client))
      return {
        code: 'connection_lost',
        next: ['What the file committed before stays; what came after its last COMMIT is rolled back.'],
      }
    return {
      code: 'commit_unknown',
      next: ['What was run before stays; the statement that was under way may be stored or not.', again],
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
    // Nothing is open: the server warns, and there is nothing to commit.
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

  /** Sends a statement in a message of its own, or others in its place, which count as one. */
  private async alone(queued: Queued, instead?: string[]): Promise<void> {
    const {piece, script} = queued
    this.follower.queue(instead ? {piece: madeUp(`${instead.join(';\n')};`, piece), script} : queued)
    await this.follower.settle()
    this.follower.statements -= (instead?.length ?? 1) - 1
  }

  /** Settings that came before a BEGIN are no part of its transaction. */
  private async settleOutside(): Promise<void> {
    this.outside = !this.begun
    await this.follower.settle()
    this.outside = false
    if (this.begun) await this.client.query('commit')
  }

  /** What the server says to a statement that ends or begins nothing, as it does then. */
  private ignored(text: string): void {
    this.follower.statements++
    this.options.warn(`WARNING: ${text}`)
  }

  /** An isolation that only a transaction's first statement can ask for, and the file asks for later. */
  private require(isolation: Isolation = 'read committed'): void {
    if (isolations.indexOf(isolation) <= isolations.indexOf(this.isolation)) return
    if (this.begun) throw new Restart({isolation})
    this.isolation = isolation
  }
}
