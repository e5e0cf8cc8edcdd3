import {errorCode} from '../errors.js'
import type {Answer} from '../postgres/connection.js'
import {type JsonText, parseJson} from './json.js'
import {asArray, asObject, asWritten, type ShapedRow} from './shape.js'
import {bind, type Parameters, parseStatement, type Statement} from './statement.js'
import {readStatementFile} from './statement-files.js'

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

/** What every statement of one Db has in common. */
export interface QuerySettings {
  /** Looked through for statements before this package's own folder. */
  folders: readonly string[]
  /** Those that were read already. */
  files: Map<string, Statement>
  onQuery: ((report: QueryReport) => void) | undefined
}

/** How one statement is sent: reads may be sent again where a connection turns out to be lost. */
export type Send = <Row extends object>(text: string, values: unknown[], read: boolean) => Promise<Answer<Row>>

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
    const {json} = await this.#shaped(sql, parameters, asObject, true)
    return json ?? '{}'
  }

  /** Every row, else `[]`. Held in memory whole, here and on the server: see `stream` for more than that. */
  async array<Row>(sql: string, parameters?: Parameters): Promise<JsonText<Row[]>> {
    const {json} = await this.#shaped(sql, parameters, asArray, true)
    return json ?? '[]'
  }

  /** Writes, and gives the rows of RETURNING, else `[]`. It is never sent twice. */
  async commit<Row>(sql: string, parameters?: Parameters): Promise<JsonText<Row[]>> {
    const shape = (statement: Statement): string => (statement.givesRows ? asWritten(statement) : statement.text)
    const {json} = await this.#shaped(sql, parameters, shape, false)
    return json ?? '[]'
  }

  protected abstract send: Send

  /** The statement behind a text or a file's name, its parameters bound. */
  protected async prepare(sql: string, parameters: Parameters = {}): Promise<{statement: Statement; values: unknown[]}> {
    const statement = isFileName(sql) ? await this.#file(sql) : parseStatement(sql)
    return {statement, values: bind(statement, parameters)}
  }

  /** Tells the hook of a piece of work; a hook that throws does not change how the work ended. */
  protected async report<T>(sql: string, rowsOf: (result: T) => number, work: () => Promise<T>): Promise<T> {
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
      tell({rows: rowsOf(result)})
      return result
    } catch (error) {
      tell({rows: 0, code: errorCode(error) ?? 'unknown'})
      throw error
    }
  }

  async #shaped(
    sql: string,
    parameters: Parameters | undefined,
    shape: (statement: Statement) => string,
    read: boolean,
  ): Promise<Partial<ShapedRow>> {
    const {statement, values} = await this.prepare(sql, parameters)
    const rowsOf = ({rows: [row], count}: Answer<Partial<ShapedRow>>): number => row?.rows ?? count
    const {rows: [row]} = await this.report(sql, rowsOf, () => this.send<Partial<ShapedRow>>(shape(statement), values, read))
    return row ?? {}
  }

  async #file(name: string): Promise<Statement> {
    const known = this.settings.files.get(name)
    if (known !== undefined) return known
    const statement = parseStatement(await readStatementFile(name, this.settings.folders))
    this.settings.files.set(name, statement)
    return statement
  }
}

/** `activities/home`: no statement looks like it, and it leads to no other folder. */
function isFileName(sql: string): boolean {
  return /^[\w-]+(\/[\w-]+)+$/.test(sql)
}
