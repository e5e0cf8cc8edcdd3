import {errorCode} from '../errors.js'
import type {Answer} from '../postgres/connect/connection.js'
import {type JsonText, parseJson} from './json.js'
import {shape, type Shape} from './shape.js'
import {readStatementFile} from './statement-files.js'
import {bind, type Parameters, parseStatement} from './statement.js'

/** What the `onQuery` hook is told of a statement; never its text, which may hold values, nor a parameter. */
export interface QueryReport {
  /** The file's name; undefined for a statement given as text. */
  name: string | undefined
  milliseconds: number
  /** Rows that it returned or changed. */
  rows: number
  /** The code of the error in which it ended, if it did: a SQLSTATE or one of ours. */
  code?: string
}

/** A statement made ready to be sent. */
export interface Prepared {
  text: string
  /** Of its parameters, in the order of `$1`, `$2`, …. */
  names: readonly string[]
  /** Under which the server keeps it; undefined for a statement given as text, of which there may be any number. */
  name: string | undefined
}

/** What every statement of one Db has in common. */
export interface QuerySettings {
  /** Looked through for statements before this package's own folder. */
  folders: readonly string[]
  /** Whether the server keeps the statements of files prepared. */
  prepare: boolean
  /** The statements of files that were used already, by their name and shape. */
  prepared: Map<string, Prepared>
  onQuery: ((report: QueryReport) => void) | undefined
}

/** How one statement is sent: reads may be sent again where a connection turns out to be lost. */
export type Send = (statement: Prepared, values: unknown[], read: boolean) => Promise<Answer>

/**
 * Statements, by text or by the name of a file (`activities/home`), with named parameters (`:handle`). What they give
 * is shaped to JSON by Postgres, so it is ready to send; see {@link parseJson} for its value.
 * @throws UsageError (`parameter_missing`, `parameter_unknown`, `parameter_positional`), ConfigurationError
 * (`statement_missing`), both before the server is asked; SqlError, ConnectionError, StateError
 */
export abstract class Queries {
  protected constructor(protected readonly settings: QuerySettings) {}

  /** The first column of the first row, as JSON has it: instants are text, numbers beyond 2^53 lose digits. */
  async value<T>(sql: string, parameters?: Parameters): Promise<T | undefined> {
    const json = await this.object<Record<string, T>>(sql, parameters)
    return Object.values(parseJson(json))[0]
  }

  /** The first row, else `{}`. */
  async object<Row>(sql: string, parameters?: Parameters): Promise<JsonText<Row | Record<string, never>>> {
    const [row = '{}'] = await this.#rows(sql, parameters, 'row', true)
    return row
  }

  /** Every row, else `[]`. All of it is held in memory: see `stream` for more than that. */
  async array<Row>(sql: string, parameters?: Parameters): Promise<JsonText<Row[]>> {
    return `[${(await this.#rows(sql, parameters, 'rows', true)).join(',')}]`
  }

  /** Writes, and gives the rows of RETURNING, else `[]`. It is never sent twice. */
  async commit<Row>(sql: string, parameters?: Parameters): Promise<JsonText<Row[]>> {
    return `[${(await this.#rows(sql, parameters, 'written', false)).join(',')}]`
  }

  protected abstract send: Send

  /** The statement of a text or of a file, shaped, with the values of its parameters. */
  protected async prepare(
    sql: string,
    parameters: Parameters = {},
    as: Shape,
  ): Promise<{statement: Prepared; values: unknown[]}> {
    const statement = isFileName(sql) ? await this.#file(sql, as) : shaped(sql, as)
    return {statement, values: bind(statement.names, parameters)}
  }

  /** Tells the hook of a piece of work; a hook that throws does not change how the work ended. */
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

  async #rows(sql: string, parameters: Parameters | undefined, as: Shape, read: boolean): Promise<string[]> {
    const {statement, values} = await this.prepare(sql, parameters, as)
    return (await this.report(sql, () => this.send(statement, values, read))).texts
  }

  async #file(file: string, as: Shape): Promise<Prepared> {
    const {folders, prepare, prepared} = this.settings
    const key = `${file} ${as}`
    const known = prepared.get(key)
    if (known !== undefined) return known
    const text = await readStatementFile(file, folders)
    // Another call may have read it meanwhile: a name must go with one text.
    const statement = prepared.get(key) ?? shaped(text, as, prepare ? `cruddur_db_${prepared.size + 1}` : undefined)
    prepared.set(key, statement)
    return statement
  }
}

function shaped(sql: string, as: Shape, name?: string): Prepared {
  const statement = parseStatement(sql)
  return {text: shape(statement, as), names: statement.names, name}
}

/** `activities/home`: no statement looks like it, and it leads to no other folder. */
function isFileName(sql: string): boolean {
  return /^[\w-]+(\/[\w-]+)+$/.test(sql)
}
