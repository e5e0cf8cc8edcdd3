import {errorCode, UsageError} from '../errors.js'
import type {Answer} from '../postgres/connect/connection.js'
import {requireArguments} from './arguments.js'
import {type JsonText, parseJson} from './json.js'
import {shape, type Shape} from './shape.js'
import {readStatementFile} from './statement-files.js'
import {bind, type Parameters, parseStatement} from './statement.js'

/** What `onQuery` gets about a statement. It never has the text, which may contain values, or parameters. */
export interface QueryReport {
  /** The name of the file; undefined for a statement that was given as text. */
  name: string | undefined
  milliseconds: number
  /** The number of rows that it returned or changed. */
  rows: number
  /** The code of its error: a SQLSTATE or one of ours. */
  code?: string
}

/** A statement that is ready to be sent. */
export interface Prepared {
  text: string
  /** The names of the parameters, in the order of `$1`, `$2`, … */
  names: readonly string[]
  /** The name of the prepared statement; undefined for a statement that was given as text. */
  name: string | undefined
}

/** The settings of one Db. */
export interface QuerySettings {
  /** Folders that are searched for statements before the folder of this package. */
  folders: readonly string[]
  /** Whether to use prepared statements for SQL files. */
  prepare: boolean
  /** The statements of files that were already used, by name and shape. */
  prepared: Map<string, Prepared>
  onQuery: ((report: QueryReport) => void) | undefined
}

/** How to read, besides the parameters. */
export interface ReadOptions {
  /**
   * Whether the statement may run twice, because it changes nothing: then it is sent again if its answer was lost. Without
   * it, a read is only sent again if the server did not run it or rolled it back.
   */
  idempotent?: boolean | undefined
}

/** When a statement may be sent again after the connection was lost; a transaction never sends one again. */
export type Again = 'never' | 'if not run' | 'always'

export type Send = (statement: Prepared, values: unknown[], again: Again) => Promise<Answer>

/**
 * Runs statements, given as text or as the name of a file (`activities/home`), with named parameters (`:handle`). Postgres
 * returns the results as JSON, ready to send; see {@link parseJson} for the value.
 * @throws before anything is sent: UsageError (`argument_invalid`, `parameter_missing`, `parameter_unknown`,
 * `parameter_positional`, `transaction_control`),
 * ConfigurationError (`statement_missing`); then SqlError, ConnectionError, StateError
 */
export abstract class Queries {
  protected constructor(protected readonly settings: QuerySettings) {}

  /** The first column of the first row, as a JSON value: times are text, and numbers above 2^53 lose digits. */
  async value<T>(sql: string, parameters?: Parameters, options?: ReadOptions): Promise<T | undefined> {
    const [json] = await this.#rows(sql, parameters, 'value', againOf(options))
    // The text is empty for a row without columns.
    return json ? parseJson<T>(json) : undefined
  }

  /** The first row, or `{}`. */
  async object<Row>(
    sql: string,
    parameters?: Parameters,
    options?: ReadOptions,
  ): Promise<JsonText<Row | Record<string, never>>> {
    const [row = '{}'] = await this.#rows(sql, parameters, 'row', againOf(options))
    return row
  }

  /** All rows, or `[]`. They are held in memory; use `stream` for very many. */
  async array<Row>(sql: string, parameters?: Parameters, options?: ReadOptions): Promise<JsonText<Row[]>> {
    return `[${(await this.#rows(sql, parameters, 'rows', againOf(options))).join(',')}]`
  }

  /** Runs a write and returns the rows of RETURNING, or `[]`. It is never sent twice. */
  async commit<Row>(sql: string, parameters?: Parameters): Promise<JsonText<Row[]>> {
    return `[${(await this.#rows(sql, parameters, 'written', 'never')).join(',')}]`
  }

  protected abstract send: Send

  /** The shaped statement of a text or a file, with the values of its parameters. */
  protected async prepare(
    sql: string,
    parameters: Parameters = {},
    as: Shape,
  ): Promise<{statement: Prepared; values: unknown[]}> {
    requireArguments(['sql', sql ?? null, 'text'], ['parameters', parameters, 'an object with the values by name'])
    const statement = isFileName(sql) ? await this.#file(sql, as) : shaped(sql, as)
    return {statement, values: bind(statement.names, parameters)}
  }

  /** Calls `onQuery` after the work. An error in it does not affect the result. */
  protected async report(sql: string, work: () => Promise<Answer>): Promise<Answer> {
    const {onQuery} = this.settings
    if (onQuery === undefined) return work()
    const start = performance.now()
    const tell = (outcome: {rows: number; code?: string}): void => {
      const milliseconds = performance.now() - start
      try {
        onQuery({name: isFileName(sql) ? sql : undefined, milliseconds, ...outcome})
      } catch (error) {
        process.emitWarning(`cruddur-db: onQuery threw (${errorCode(error) ?? 'no code'}).`)
      }
    }

    try {
      const result = await work()
      tell({rows: result.count})
      return result
    } catch (error) {
      tell({rows: 0, code: errorCode(error) ?? 'unknown'})
      throw error
    }
  }

  async #rows(sql: string, parameters: Parameters | undefined, as: Shape, again: Again): Promise<string[]> {
    const {statement, values} = await this.prepare(sql, parameters, as)
    return (await this.report(sql, () => this.send(statement, values, again))).texts
  }

  async #file(file: string, as: Shape): Promise<Prepared> {
    const {folders, prepare, prepared} = this.settings
    const key = `${file} ${as}`
    const known = prepared.get(key)
    if (known !== undefined) return known
    const text = await readStatementFile(file, folders)
    // Another call may have read it meanwhile, and a name must always have the same text.
    const statement = prepared.get(key) ?? shaped(text, as, prepare ? `cruddur_db_${prepared.size + 1}` : undefined)
    prepared.set(key, statement)
    return statement
  }
}

function againOf(options: ReadOptions = {}): Again {
  requireArguments(['options', options, 'an object'])
  requireArguments(['idempotent', options.idempotent, 'true or false'])
  return options.idempotent ? 'always' : 'if not run'
}

/** @throws UsageError (`parameter_positional`, `transaction_control`) */
function shaped(sql: string, as: Shape, name?: string): Prepared {
  const statement = parseStatement(sql)
  if (statement.endsTransaction) throw transactionControl()
  return {text: shape(statement, as), names: statement.names, name}
}

/** Whether it is a file name like `activities/home`. No statement looks like that, and it cannot leave the folder. */
function isFileName(sql: string): boolean {
  return /^[\w-]+(\/[\w-]+)+$/.test(sql)
}

/** COMMIT would store the first half of a transaction, and BEGIN would open one on a connection that others get. */
function transactionControl(): UsageError {
  return new UsageError('The statement begins or ends a transaction. It was not sent.', {
    code: 'transaction_control',
    next: ['Use transaction(work): it commits when work returns, and rolls back when work throws.'],
  })
}
