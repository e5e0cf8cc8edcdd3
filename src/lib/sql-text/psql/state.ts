import {statSync} from 'node:fs'
import {homedir} from 'node:os'
import {resolve as resolvePath} from 'node:path'
import {isVariableName, type ReferenceForm, PsqlVariables} from './variables.js'

/** The rows of a statement as the server's text. */
export interface AnsweredRows {
  columns: string[]
  rows: (string | null)[][]
}

/** Stands for rows that are only known when the statements run. */
export const unknownRows = 'unknown'

export interface PsqlStateOptions {
  /** psql's own variables, and those of `--set`. */
  values: Readonly<Record<string, string>>
  /** The base of paths, until `\cd`. */
  cwd: string
  /** Whether the statements are only read and not run, so that their results are not known. */
  dry?: boolean
  /** Whether the text is a dump, whose psql commands may come from someone else: only \\connect is carried out. */
  isDump?: boolean | undefined
  warn: (text: string) => void
}

/** The number of rows of the last statement, which is only known once it has run. */
const rowCount = 'ROW_COUNT'

/** What psql keeps over all files of a run: variables and the working folder. */
export class PsqlState {
  readonly variables: PsqlVariables
  readonly dry: boolean
  readonly isDump: boolean
  cwd: string
  /** Whether a statement contains the result of another, so that reading alone does not tell what it does. */
  uncertain = false
  /** Whether it is not known if the file that is read now is included. */
  unsure = false
  /** The key of the open `\restrict`. */
  restrictKey: string | undefined
  /** The number of rows of the last statement, for a caller that knows it at once. */
  lastRows = 0
  /** Whether `ROW_COUNT` is that of the last statement. */
  counted = true
  readonly warn: (text: string) => void
  /** Whether a variable's value is not known; those in `#known` were set since. */
  readonly #unknown: ((name: string) => boolean)[] = []
  readonly #known = new Set<string>()

  constructor({values, cwd, dry = false, isDump = false, warn}: PsqlStateOptions) {
    this.variables = new PsqlVariables(values)
    this.cwd = cwd
    this.dry = dry
    this.isDump = isDump
    this.warn = warn
  }

  /** Whether the statements so far must have run before the reference can be replaced. */
  readonly waits = (name: string): boolean => name === rowCount && !this.counted

  /** The text for a reference; undefined leaves it as it is. */
  readonly resolve = (name: string, form: ReferenceForm): string | undefined =>
    this.#isUnknown(name) ? undefined : this.variables.resolve(name, form)

  /** Like {@link resolve}, in a statement. A value that is not known may add a statement, unless it is quoted. */
  readonly resolveInStatement = (name: string, form: ReferenceForm): string | undefined => {
    if (form === 'plain' && this.#isUnknown(name)) this.uncertain = true
    return this.resolve(name, form)
  }

  /** Whether a text refers to a variable whose value is not known. */
  hasUnknown(text: string): boolean {
    return (
      this.#unknown.length > 0 &&
      [...text.matchAll(/:['"]?([\w\u0080-\uffff]+)/g)].some(([, name]) => this.#isUnknown(name!))
    )
  }

  /** Makes the value of a variable unknown. */
  forget(name: string): void {
    this.#known.delete(name)
    this.#unknown.push((other) => other === name)
  }

  /** Sets a variable; one that was not known is known then. */
  set(name: string, value: string): string | undefined {
    if (this.dry) this.#known.add(name)
    return this.variables.set(name, value)
  }

  unset(name: string): void {
    if (this.dry) this.#known.add(name)
    this.variables.unset(name)
  }

  /** Changes the base of paths, to the home folder without one. Returns what is wrong. */
  changeFolder(folder: string): string | undefined {
    const path = resolvePath(this.cwd, folder === '' ? homedir() : folder)
    if (statSync(path, {throwIfNoEntry: false})?.isDirectory() !== true) return `There is no folder ${path}.`
    this.cwd = path
    return undefined
  }

  count(rows: number | typeof unknownRows): void {
    this.counted = true
    if (rows === unknownRows) this.forget(rowCount)
    else this.variables.set(rowCount, String(rows))
  }

  /** Says that the last statement has succeeded. */
  succeeded(): void {
    this.variables.set('ERROR', 'false')
    this.variables.set('SQLSTATE', '00000')
  }

  /** Says that the last statement has failed. */
  failed(code: string, message: string): void {
    this.variables.set('ERROR', 'true')
    for (const name of ['SQLSTATE', 'LAST_ERROR_SQLSTATE']) this.variables.set(name, code)
    this.variables.set('LAST_ERROR_MESSAGE', message)
  }

  /** Sets variables to the columns of the one row, like `\\gset`; null removes a variable. Returns what is wrong. */
  store(prefix: string, {columns, rows}: AnsweredRows): string | undefined {
    const [row] = rows
    if (row === undefined || rows.length > 1)
      return `\\gset needs one row, but the statement returned ${rows.length === 0 ? 'none' : rows.length}.`
    for (const [index, column] of columns.entries()) {
      const name = prefix + column
      if (!isVariableName(name)) return `\\gset cannot set a variable with the name "${name}".`
      const value = row[index] ?? null
      if (this.variables.isSpecial(name)) this.warn(`\\gset does not set ${name}, which psql reads itself.`)
      else if (value === null) this.unset(name)
      else this.set(name, value)
    }
    return undefined
  }

  /** Makes all variables unknown that `\\gset` may set to columns of this statement. */
  forgetRow(prefix: string, query: string): void {
    const words = new Set(query.match(/[\w\u0080-\uffff]+/g)?.flatMap((word) => [word, word.toLowerCase()]))
    const anyName = query.includes('*') || !/^\s*(select|with|insert|update|delete)\b/i.test(query)
    this.#known.clear()
    this.#unknown.push((name) => {
      const column = name.slice(prefix.length)
      return name.startsWith(prefix) && (anyName || words.has(column) || /^column\d+$/.test(column))
    })
  }

  /** Whether the value of a variable is not known. */
  #isUnknown(name: string): boolean {
    return !this.#known.has(name) && this.#unknown.some((matches) => matches(name))
  }
}
