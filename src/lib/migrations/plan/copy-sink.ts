import {isLacking} from '../../dumps/load-schema.js'
import {errorCode, SqlError} from '../../errors.js'
import {endsSession, sqlFailure, sqlState} from '../../postgres/connect/failures.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {type CopyIn, hasOpenTransaction, sendStatements, StatementsError} from '../../postgres/wire/script-wire.js'
import type {Queued} from '../../sql-files/batch.js'
import {noData} from '../../sql-files/dry-walk.js'
import type {ConnectAsked, StatementSink} from '../../sql-files/sink.js'
import {cannotBeInTransaction} from '../../sql-files/statement-failure.js'
import {concernsRoles, concernsServer, isSessionSetting} from '../../sql-text/control.js'
import {countOf, LastRows} from '../../sql-text/psql/rows.js'
import {type AnsweredRows, unknownRows} from '../../sql-text/psql/state.js'
import type {Recorder} from './recorder.js'
import type {Unmeasured} from './types.js'

const savepoint = 'cruddur_db_plan'
/** Each is looked at by itself, which takes some milliseconds. */
const maxStatements = 1000
/** They would take our savepoint with them, or end before it does. */
const ofSavepoints = /^\s*(?:savepoint|release|rollback)\b/i
/** Privileges are no matter of tables; the roles to which they are given are not on the server of the copy. */
const aboutPrivileges = /^\s*(?:grant|revoke|alter\s+default\s+privileges)\b/i
const undefinedObject = '42704'

export interface CopySinkOptions {
  /** Whether the migration is one transaction. */
  transaction: boolean
  version: string
  /** The name of the database in the files. */
  database: string
  /** The number of its statements that ran on the target already. */
  done: number
  recorder: Recorder
  unmeasured: (entry: Unmeasured) => void
}

/** A statement that is to be sent, and what was sent before it. */
interface Attempt {
  queued: Queued
  text: string
  around: 'savepoint' | 'transaction' | 'nothing'
}

/** Runs the statements of a migration on the copy, one by one. One that fails does not keep the others from being measured. */
export class CopySink implements StatementSink {
  private seen = 0
  private lastTag = ''

  constructor(
    private readonly client: PostgresClient,
    private readonly options: CopySinkOptions,
  ) {}

  async add(queued: Queued): Promise<void> {
    await this.run(queued)
  }

  async answer(queued: Queued): Promise<AnsweredRows | typeof unknownRows> {
    const answer = new LastRows()
    return (await this.run(queued, answer)) ? answer : unknownRows
  }

  async copy(queued: Queued): Promise<CopyIn> {
    const attempt = await this.prepare(queued)
    if (attempt === undefined) return noData
    try {
      const {copy} = await sendStatements(this.client, queued.piece.bytes)
      return copy === undefined ? noData : this.measured(copy, attempt)
    } catch (error) {
      await this.failed(attempt, error)
      return noData
    }
  }

  async ask(question: string): Promise<AnsweredRows> {
    const answer = new LastRows()
    await sendStatements(this.client, Buffer.from(question), answer)
    return answer
  }

  connect({to, piece, script}: ConnectAsked): Promise<undefined> {
    if (to.database !== undefined && to.database !== this.options.database)
      this.note({piece, script}, 'It goes on in another database, of which there is no copy.')
    return Promise.resolve(undefined)
  }

  lastCount(): Promise<number> {
    return Promise.resolve(countOf(this.lastTag))
  }

  private async run(queued: Queued, answer?: LastRows): Promise<boolean> {
    const attempt = await this.prepare(queued)
    if (attempt === undefined) return false
    try {
      await this.succeeded(attempt, await this.send(queued, answer))
      return true
    } catch (error) {
      await this.failed(attempt, error)
      return false
    }
  }

  private async send({piece}: Queued, answer?: LastRows): Promise<string[]> {
    const {copy, tags} = await sendStatements(this.client, piece.bytes, answer)
    await copy?.fail('there is no data for this COPY')
    return tags
  }

  /** The answers to the data are awaited at its end. */
  private measured(copy: CopyIn, attempt: Attempt): CopyIn {
    return {
      write: (chunk) => copy.write(chunk).catch(() => undefined),
      end: async () => {
        try {
          const tags = await copy.end()
          await this.succeeded(attempt, tags)
          return tags
        } catch (error) {
          await this.failed(attempt, error)
          return []
        }
      },
      fail: (reason) => copy.fail(reason),
    }
  }

  /** Returns undefined for what is not run here. */
  private async prepare(queued: Queued): Promise<Attempt | undefined> {
    const {client, options} = this
    const {piece} = queued
    const text = piece.bytes.toString('utf8', piece.start)
    // What ran already is in the copy, but for the settings of its session.
    if (this.seen++ < options.done && !isSessionSetting(piece)) return undefined
    if (this.seen > maxStatements)
      return this.seen === maxStatements + 1
        ? this.note(queued, `Only the first ${maxStatements} statements of a migration are measured.`)
        : undefined
    if (concernsServer(piece) || concernsRoles(piece))
      return this.note(queued, 'It is about the server, not about this database, so it was not run on the copy.')
    if (piece.statement === 'transaction' && options.transaction)
      return this.note(queued, 'The migration is one transaction, in which others can neither begin nor end.')
    if (piece.statement === 'transaction' || ofSavepoints.test(text)) return {queued, text, around: 'nothing'}
    const open = hasOpenTransaction(client)
    await client.query(open ? `savepoint ${savepoint}` : 'begin')
    if (!open) await options.recorder.begin()
    return {queued, text, around: open ? 'savepoint' : 'transaction'}
  }

  private async succeeded(attempt: Attempt, tags: string[], alone = false): Promise<void> {
    const {queued, text, around} = attempt
    this.lastTag = tags.at(-1) ?? ''
    if (around === 'savepoint') await this.client.query(`release ${savepoint}`)
    const names = tags.map((tag) => tag.replace(/[ \d]+$/, ''))
    const at = {file: queued.script.name, line: queued.piece.line}
    // A transaction of the file's own begins or ends.
    if (queued.piece.statement === 'transaction') await this.follow(names)
    else await this.options.recorder.record({...at, text, tags: names, alone})
    if (around === 'transaction') await this.client.query('commit')
  }

  private async follow(tags: readonly string[]): Promise<void> {
    if (tags.includes('ROLLBACK')) await this.options.recorder.refresh()
    if (hasOpenTransaction(this.client)) await this.options.recorder.begin()
  }

  private async failed(attempt: Attempt, thrown: unknown): Promise<void> {
    const {client, options} = this
    const {queued, around, text} = attempt
    const error = thrown instanceof StatementsError ? thrown.error : thrown
    const failure = sqlFailure(error)
    if (!(failure instanceof SqlError) || endsSession(error)) throw thrown
    // The error arrives before the state of the transaction.
    await client.query('')
    if (around === 'savepoint') await client.query(`rollback to ${savepoint}; release ${savepoint}`)
    else if (hasOpenTransaction(client)) await client.query('rollback')
    if (around === 'transaction' && cannotBeInTransaction(error)) return this.alone(attempt)
    if (around === 'nothing') {
      await options.recorder.refresh()
      if (options.transaction) await this.begin()
    }
    if (errorCode(error) === undefinedObject && aboutPrivileges.test(text)) return
    if (failure.code === sqlState.queryCanceled) this.note(queued, 'It took longer than a minute.')
    else this.note(queued, failure.message, !isLacking(failure.code) && failure.code !== sqlState.insufficientPrivilege)
  }

  /** Begins the transaction of the migration. */
  async begin(): Promise<void> {
    await this.client.query('begin')
    await this.options.recorder.begin()
  }

  private async alone(attempt: Attempt): Promise<void> {
    const {queued} = attempt
    try {
      await this.options.recorder.begin()
      await this.succeeded({...attempt, around: 'nothing'}, await this.send(queued), true)
    } catch (error) {
      await this.failed({...attempt, around: 'nothing'}, error)
    }
  }

  private note({piece, script}: Pick<Queued, 'piece' | 'script'>, reason: string, fails = false): undefined {
    const {version, unmeasured} = this.options
    const statement = firstLine(piece.bytes.toString('utf8', piece.start))
    unmeasured({migration: version, file: script.name, line: piece.line, statement, reason, fails})
  }
}

/** The first line of a statement. */
export function firstLine(text: string): string {
  return text.trim().split(/\r?\n/, 1)[0] ?? ''
}
