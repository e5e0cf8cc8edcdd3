import {SqlError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {CopyIn} from '../postgres/wire/script-wire.js'
import {createsDatabase} from '../sql-text/control.js'
import type {AnsweredRows} from '../sql-text/psql/state.js'
import {formatCount} from '../text/format.js'
import type {Queued, ScriptFile, RunningStatements} from './batch.js'
import type {AskElsewhere} from './commit.js'
import {connectProblem, placedFailure} from './connect-failures.js'
import {Executor, type ExecutorOptions} from './executor.js'
import type {ConnectAsked, ScriptSession, StatementSink} from './sink.js'
import {type Restart, ScanFirst} from './transaction.js'

/** What has run in one database, between two `\connect`. */
export interface RunPart {
  database: string
  statements: number
  rows: number
}

/** A session in another database of the server. */
export interface OtherSession {
  client: PostgresClient
  close(): Promise<void>
}

/** Opens other databases of the same server, for `\connect`. */
export interface Elsewhere {
  /** Throws if the database may not be entered; called before the part so far is committed. */
  refuse(database: string): void
  /** @throws StateError, RefusedError, ConnectionError if the database cannot or may not be entered */
  open(database: string): Promise<OtherSession>
  /** Runs its argument on a new connection to the database, to find the outcome of a COMMIT. */
  ask(database: string): AskElsewhere
}

export interface PartsOptions extends Omit<ExecutorOptions, 'keptBefore' | 'alone'> {
  /** The name of the first database. */
  home: string
  elsewhere?: Elsewhere | undefined
  /** Whether setup builds this database, so that no other can be entered. */
  built: boolean
  /** Whether the files were not read for a `\\connect` before, so that it cannot be carried out yet. */
  unread: boolean
  /** Whether CREATE DATABASE commits what is before it, because the file goes on in another database. */
  createsApart: boolean
  beforeCommit?:
    ((client: PostgresClient, oneTransaction: boolean, warn: (text: string) => void) => Promise<void>) | undefined
  /** Watches the notices of a session; returns a function that stops it. */
  watch: (client: PostgresClient) => () => void
}

/**
 * Runs the parts of the files, each in its own database and transaction: `\connect` commits a part, and the next one runs
 * on a new connection.
 */
export class Parts implements StatementSink {
  private executor: Executor
  /** The parts that are committed. */
  private readonly done: RunPart[] = []
  private away: {session: OtherSession; unwatch: () => void} | undefined
  private database: string
  private separate = false

  constructor(
    private client: PostgresClient,
    private readonly options: PartsOptions,
  ) {
    this.database = options.home
    this.executor = new Executor(client, options)
  }

  get rows(): number {
    return this.sum('rows') + this.executor.rows
  }

  get statements(): number {
    return this.sum('statements') + this.executor.statements
  }

  /** The statements that run. */
  get at(): RunningStatements | undefined {
    return this.executor.at
  }

  /** Whether everything so far is in one open transaction of ours. */
  get oneTransaction(): boolean {
    return !this.separate && this.executor.oneTransaction
  }

  get leftOpen(): boolean {
    return this.executor.leftOpen
  }

  get kept(): string {
    return this.executor.kept
  }

  /** All parts, if there is more than one or a CREATE DATABASE ran apart. */
  get parts(): RunPart[] | undefined {
    return this.separate ? this.withPart([...this.done], this.executor) : undefined
  }

  /** Like {@link parts}, but only those that are committed. */
  get committed(): RunPart[] | undefined {
    return this.done.length === 0 ? undefined : this.done
  }

  /** Must be called before each file. Returns a session if the file before has left the first database. */
  async beginFile(): Promise<ScriptSession | undefined> {
    let changed: ScriptSession | undefined
    if (this.database !== this.options.home) {
      await this.endPart()
      changed = await this.enter(this.options.home)
    }
    await this.executor.beginFile()
    return changed
  }

  add(queued: Queued): Promise<void> | undefined {
    if (this.options.createsApart && this.executor.commitsForUs && createsDatabase(queued.piece))
      return this.createApart(queued)
    return this.executor.add(queued)
  }

  copy(queued: Queued, data: {script: ScriptFile; line: number}): Promise<CopyIn> {
    return this.executor.copy(queued, data)
  }

  answer(queued: Queued): Promise<AnsweredRows> {
    return this.executor.answer(queued)
  }

  ask(question: string): Promise<AnsweredRows> {
    return this.executor.ask(question)
  }

  lastCount(): Promise<number> {
    return this.executor.lastCount()
  }

  async connect(asked: ConnectAsked): Promise<ScriptSession | undefined> {
    const {client, database: present} = this
    const {elsewhere, built} = this.options
    const database = asked.to.database ?? present
    const own = database === present || (built && database === client.database)
    if (this.options.unread && !own && this.oneTransaction) throw new ScanFirst()
    const problem = connectProblem(asked, client, {present, own, built, possible: elsewhere !== undefined})
    if (problem !== undefined) throw problem
    if (own || elsewhere === undefined) return undefined
    try {
      if (database !== this.options.home) elsewhere.refuse(database)
    } catch (error) {
      throw await placedFailure(error, asked, this.kept)
    }
    await this.executor.finish()
    if (this.leftOpen) throw connectProblem(asked, client, {present, own, built, possible: true, open: true})!
    await this.endPart()
    this.separate = true
    try {
      return await this.enter(database)
    } catch (error) {
      throw await placedFailure(error, asked, this.keptSentence() ?? 'Nothing was changed.')
    }
  }

  /** Finishes the last part. It is not committed until {@link commit} is called. */
  async finish(): Promise<void> {
    await this.executor.finish()
  }

  async beforeCommit(): Promise<void> {
    if (this.separate && this.executor.statements === 0) return
    const {beforeCommit, warn} = this.options
    await beforeCommit?.(this.client, this.executor.oneTransaction, warn)
  }

  commit(): Promise<void> {
    return this.executor.commit()
  }

  rollback(): Promise<void> {
    return this.executor.rollback()
  }

  /** Closes the connection to another database. */
  async close(): Promise<void> {
    const {away} = this
    this.away = undefined
    away?.unwatch()
    await away?.session.close()
  }

  /** The error in place of a restart, which would run committed parts again; undefined if nothing is committed. */
  instead({how}: Restart): SqlError | undefined {
    const kept = this.keptSentence()
    if (kept === undefined) return undefined
    const what =
      'isolation' in how
        ? 'A BEGIN after \\connect asks for a stricter isolation level than the statements before it'
        : 'A part after \\connect has statements that cannot run in a transaction'
    const next = [kept, 'To run each statement on its own: --no-transaction']
    return new SqlError(`${what}.`, {code: 'script_part', next, details: {committed: this.done}})
  }

  private async endPart(): Promise<void> {
    await this.executor.finish()
    if (this.executor.statements > 0) {
      await this.beforeCommit()
      await this.executor.commit()
    }
    this.withPart(this.done, this.executor)
    this.separate = true
    this.executor = new Executor(this.client, this.executorOptions())
  }

  /** Runs a CREATE DATABASE between two transactions. */
  private async createApart(queued: Queued): Promise<void> {
    await this.endPart()
    const alone = new Executor(this.client, {...this.executorOptions(), transaction: 'written', alone: true})
    await alone.add(queued)
    await alone.finish()
    this.withPart(this.done, alone)
    await this.begin(this.client)
  }

  private async enter(database: string): Promise<ScriptSession> {
    await this.close()
    const session = await this.options.elsewhere!.open(database)
    this.away = {session, unwatch: this.options.watch(session.client)}
    this.client = session.client
    this.database = database
    await this.begin(session.client)
    if (this.options.transaction === 'written') await this.options.beforeOwnCommit?.(session.client)
    return {client: session.client, database}
  }

  private async begin(client: PostgresClient): Promise<void> {
    const lacking = await lackingSettings(client)
    this.executor = new Executor(client, {
      ...this.executorOptions(),
      skip: new Set([...lacking, ...(this.options.skip ?? [])]),
    })
    await this.executor.beginFile()
  }

  private executorOptions(): ExecutorOptions {
    const {database, options} = this
    const {elsewhere, home, askElsewhere = undefined} = options
    const ask = database === home ? askElsewhere : elsewhere?.ask(database)
    return {...options, askElsewhere: ask, keptBefore: this.keptSentence()}
  }

  private keptSentence(): string | undefined {
    if (this.done.length === 0) return undefined
    const parts = this.done.map(({database, statements}) => `${formatCount(statements, 'statement')} in ${database}`)
    return `Committed before and kept: ${parts.join(', ')}. Nothing after that was changed.`
  }

  /** Adds what an executor has done to the list. */
  private withPart(list: RunPart[], {statements, rows}: Executor): RunPart[] {
    const {database} = this
    const last = list.at(-1)
    if (statements === 0) return list
    if (last?.database === database)
      list[list.length - 1] = {database, statements: last.statements + statements, rows: last.rows + rows}
    else list.push({database, statements, rows})
    return list
  }

  private sum(what: 'statements' | 'rows'): number {
    return this.done.reduce((sum, part) => sum + part[what], 0)
  }
}

/** Settings at the head of dumps that not every server has. */
const newSettings = [
  'default_table_access_method',
  'idle_in_transaction_session_timeout',
  'lock_timeout',
  'row_security',
  'transaction_timeout',
]

/** Those of them that this server does not have: a failed part cannot be run again without them. */
async function lackingSettings(client: PostgresClient): Promise<ReadonlySet<string>> {
  const text = 'select name from pg_catalog.pg_settings where name = any($1)'
  const {rows} = await client.query<{name: string}>(text, [newSettings])
  const present = new Set(rows.map(({name}) => name))
  return new Set(newSettings.filter((name) => !present.has(name)))
}
