import {ConfigurationError, errorCode, UsageError} from '../errors.js'
import {type Answer, leftNothing} from '../postgres/connect/connection.js'
import {ConnectionPool, type PoolSettings} from '../postgres/connect/pool.js'
import {workingFolder} from '../targets/account.js'
import {ConnectionUrl} from '../targets/connection-url.js'
import {localName, resolveTarget, type Target, variableOf} from '../targets/target.js'
import {readVariables} from '../targets/variables.js'
import {requireArguments} from './arguments.js'
import type {JsonText} from './json.js'
import {Queries, type QueryReport, type Send} from './queries.js'
import type {Parameters} from './statement.js'
import {
  checkTransaction,
  runTransaction,
  type Transaction,
  type TransactionOptions,
  withRetries,
} from './transaction.js'

export interface DbOptions extends PoolSettings {
  /** The application's own folder of statements. It is searched before the folder of this package. */
  sqlFolder?: string | undefined
  /**
   * Whether to use prepared statements for SQL files; default true. Set it to false for a pooler in transaction mode that
   * does not support them, such as PgBouncer before 1.21.
   */
  prepare?: boolean | undefined
  /** Called after each statement, except BEGIN, COMMIT and the like. */
  onQuery?: ((report: QueryReport) => void) | undefined
}

/** The number of rows that `stream` fetches at a time. */
const batch = 500

/**
 * A database for an application: a pool of connections, statements by text or file name, and results as JSON text. It
 * connects on its first use.
 */
export class Db extends Queries {
  readonly #pool: ConnectionPool

  /**
   * `database` is a URL, a {@link Target}, or a target's name as in the commands (`local`, `prod`, …), which is resolved
   * with the environment or `.env`.
   * @throws ConfigurationError (`variable_missing`, `url_invalid`, …), UsageError (`database_missing`,
   * `target_name_invalid`, `argument_invalid`)
   */
  constructor(database: string | ConnectionUrl | Target, options: DbOptions = {}) {
    checkOptions(options)
    const {sqlFolder, onQuery, prepare = true, ...pool} = options
    super({folders: sqlFolder === undefined ? [] : [sqlFolder], prepare, prepared: new Map(), onQuery})
    this.#pool = new ConnectionPool(urlOf(database), pool)
  }

  /** If the connection is lost, a statement is sent once more on another one, if it may be. */
  protected override send: Send = async ({text, name}, values, again) => {
    const once = (): Promise<Answer> =>
      this.#pool.use((connection) => connection.query(text, {values, name, joined: true}))
    try {
      return await once()
    } catch (error) {
      if (again === 'never' || errorCode(error) !== 'connection_lost') throw error
      if (again === 'if not run' && !leftNothing(error)) throw error
      return once()
    }
  }

  /**
   * Runs `work` in a transaction. It commits when `work` returns, and rolls back when `work` throws. Use the argument of
   * `work` for its statements, not this Db. With `retries`, `work` runs again after a serialization failure, a deadlock or
   * a lost connection.
   * @throws what `work` throws; StateError (`transaction_failed`), ConnectionError (`connection_lost`,
   * `commit_unknown`, which is never retried)
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    checkTransaction(options)
    return withRetries(options.retries ?? 0, () =>
      this.#pool.use((connection) => runTransaction(connection, this.settings, options, work)),
    )
  }

  /**
   * Returns the rows of a query one by one as JSON text, fetched on demand, so that many rows need little memory. It uses
   * one connection and a read-only snapshot until the loop ends.
   */
  async *stream<Row>(sql: string, parameters?: Parameters): AsyncGenerator<JsonText<Row>, void, void> {
    const {statement, values} = await this.prepare(sql, parameters, 'rows')
    const {connection, giveBack} = await this.#pool.borrow()
    try {
      await connection.query('begin read only')
      await connection.query(`declare streamed no scroll cursor for ${statement.text}`, {values})
      for (;;) {
        const {texts} = await this.report(sql, () => connection.query(`fetch forward ${batch} from streamed`))
        yield* texts
        if (texts.length < batch) return
      }
    } finally {
      if (!connection.lost) await connection.query('rollback').catch(() => undefined)
      giveBack()
    }
  }

  /** Waits for running statements, then closes all connections. */
  async close(): Promise<void> {
    return this.#pool.close()
  }
}

/** @throws UsageError (`argument_invalid`) */
function checkOptions(options: DbOptions): void {
  requireArguments(['options', options, 'an object'])
  const {sqlFolder, onQuery, prepare, max, waitSeconds, idleSeconds} = options
  requireArguments(['sqlFolder', sqlFolder, 'text'], ['onQuery', onQuery, 'a function'])
  requireArguments(['prepare', prepare, 'true or false'], ['max', max, 'a whole number from 1'])
  requireArguments(
    ['waitSeconds', waitSeconds, 'a number of seconds'],
    ['idleSeconds', idleSeconds, 'a number of seconds'],
  )
}

/** There is no default database, because an unset variable must not mean the local one. */
function urlOfTarget(target: Target | null | undefined): ConnectionUrl {
  if (target?.url instanceof ConnectionUrl) return target.url
  throw new UsageError('new Db() needs a database: the name of a target, a URL or a Target.', {
    code: 'database_missing',
    next: ["For the database of CONNECTION_URL: new Db('local')"],
  })
}

function urlOf(database: string | ConnectionUrl | Target): ConnectionUrl {
  if (database instanceof ConnectionUrl) return database
  if (typeof database !== 'string') return urlOfTarget(database)
  if (database.includes('://')) return ConnectionUrl.parse(database, 'The URL')
  const target = resolveTarget(database.toLowerCase(), readVariables(process.env, workingFolder()))
  if (target !== undefined) return target.url
  const variable = variableOf(localName)
  throw new ConfigurationError(`${variable} is not set, and the library does not start the embedded server.`, {
    code: 'variable_missing',
    next: ['Set it to the URL of a server, for example postgresql://user:password@localhost:5432/database.'],
    details: {variable},
  })
}
