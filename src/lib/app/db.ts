import {ConfigurationError, errorCode, UsageError} from '../errors.js'
import type {Answer} from '../postgres/connect/connection.js'
import {ConnectionPool, type PoolSettings} from '../postgres/connect/pool.js'
import {ConnectionUrl} from '../targets/connection-url.js'
import {localName, resolveTarget, type Target, variableOf} from '../targets/target.js'
import {readVariables} from '../targets/variables.js'
import type {JsonText} from './json.js'
import {Queries, type QueryReport, type Send} from './queries.js'
import type {Parameters} from './statement.js'
import {runTransaction, type Transaction, type TransactionOptions, withRetries} from './transaction.js'

/** How a {@link Db} behaves; every field has a default. */
export interface DbOptions extends PoolSettings {
  /** A folder of statements of the application's own, looked through before this package's. */
  sqlFolder?: string | undefined
  /**
   * Whether the server keeps the statements of files prepared; true. False behind a pooler that gives each transaction
   * another session and knows no prepared statements, such as PgBouncer before 1.21.
   */
  prepare?: boolean | undefined
  /** Told of each statement when it has ended; transaction control is not reported. */
  onQuery?: ((report: QueryReport) => void) | undefined
}

/** Rows that `stream` asks for at a time. */
const batch = 500

/**
 * A database for an application: one pool of connections, statements by text or file name, answers as JSON text. It
 * connects when it is first used.
 */
export class Db extends Queries {
  readonly #pool: ConnectionPool

  /**
   * `database` is a URL, a target's name as the commands take it (`local`, `prod`, …, found in the environment or
   * `.env`), or a {@link Target}.
   * @throws ConfigurationError (`variable_missing`, `url_invalid`, …), UsageError (`database_missing`,
   * `target_name_invalid`)
   */
  constructor(
    database: string | ConnectionUrl | Target,
    {sqlFolder, onQuery, prepare = true, ...pool}: DbOptions = {},
  ) {
    super({folders: sqlFolder === undefined ? [] : [sqlFolder], prepare, prepared: new Map(), onQuery})
    this.#pool = new ConnectionPool(urlOf(database), pool)
  }

  /** A read whose connection turns out to be lost is sent once more, on another one: it has changed nothing. */
  protected override send: Send = async ({text, name}, values, read) => {
    const once = (): Promise<Answer> =>
      this.#pool.use((connection) => connection.query(text, {values, name, joined: true}))
    try {
      return await once()
    } catch (error) {
      if (!read || errorCode(error) !== 'connection_lost') throw error
      return once()
    }
  }

  /**
   * Runs `work` in a transaction, which is stored when `work` has ended and rolled back when it throws. Statements
   * belong to it by the argument that `work` is given, not by this Db. With `retries` the whole of `work` runs again after
   * a serialization failure, a deadlock or a lost connection.
   * @throws what `work` throws; StateError (`transaction_failed`), ConnectionError (`connection_lost`,
   * `commit_unknown`, which is never retried)
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return withRetries(options.retries ?? 0, () =>
      this.#pool.use((connection) => runTransaction(connection, this.settings, options, work)),
    )
  }

  /**
   * Each row of a query as JSON text, fetched as it is asked for, so that any number of rows takes little memory. It
   * keeps a connection and a read-only snapshot until the loop ends or is left.
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

  /** Waits for the statements that are under way and closes every connection. */
  async close(): Promise<void> {
    return this.#pool.close()
  }
}

/** A variable that is not set must not stand for the default target, so nothing stands for nothing here. */
function urlOfTarget(target: Target | null | undefined): ConnectionUrl {
  if (target?.url instanceof ConnectionUrl) return target.url
  throw new UsageError('new Db() takes a database: the name of a target, a URL or a Target.', {
    code: 'database_missing',
    next: ["The database of CONNECTION_URL is new Db('local')."],
  })
}

function urlOf(database: string | ConnectionUrl | Target): ConnectionUrl {
  if (database instanceof ConnectionUrl) return database
  if (typeof database !== 'string') return urlOfTarget(database)
  if (database.includes('://')) return ConnectionUrl.parse(database, 'The URL')
  const target = resolveTarget(database.toLowerCase(), readVariables(process.env, process.cwd()))
  if (target !== undefined) return target.url
  const variable = variableOf(localName)
  throw new ConfigurationError(`${variable} is not set, and the library does not start the embedded server.`, {
    code: 'variable_missing',
    next: [`Set it to a URL. For the embedded server: export ${variable}="$(npx cruddur-db server:start --url)"`],
    details: {variable},
  })
}
