import {UsageError} from '../errors.js'

/** The values of named parameters. `null` means SQL's null, and `undefined` means that the value is missing. */
export type Parameters = Readonly<Record<string, unknown>>

/** A statement whose named parameters have become `$1`, `$2`, …; see {@link parseStatement}. */
export interface Statement {
  text: string
  /** The names for `$1`, `$2`, …, each once. */
  names: readonly string[]
  /** The position in `text` after a WITH list; 0 if there is none. */
  main: number
  /** Whether it returns rows: a query, or a write with RETURNING. */
  givesRows: boolean
  /** Whether it begins or ends a transaction: BEGIN, COMMIT, ROLLBACK and the like, but not a savepoint. */
  endsTransaction: boolean
}

/**
 * Tokens of SQL by the rules of Postgres (https://www.postgresql.org/docs/current/sql-syntax-lexical.html), so that text
 * in literals, quoted names and comments is never a parameter. An open quote extends to the end, and the server reports the
 * error. Nested comments are read by {@link commentEnd}.
 */
const literal = [
  String.raw`\s+`,
  String.raw`(?<comment>\/\*)`,
  String.raw`--[^\n\r]*`,
  String.raw`(?:[eE]'(?:[^'\\]|\\[^]|'')*(?:'|$))(?:(?:[^\S\n\r]|--[^\n\r]*)*[\n\r](?:\s|--[^\n\r]*[\n\r])*'(?:[^'\\]|\\[^]|'')*(?:'|$))*`,
  String.raw`'[^']*(?:'|$)`,
  String.raw`"[^"]*(?:"|$)`,
  String.raw`\$(?<tag>(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[^]*?(?:\$\k<tag>\$|$)`,
]
/** `:name`, but not `::type`, `:=` or a slice such as `a[1:n]`. */
const parameter = String.raw`(?<![\w$\])"':\u0080-\uffff]):(?<name>[A-Za-z_]\w*)`
const token = new RegExp(
  [
    ...literal,
    parameter,
    String.raw`\$(?<position>\d+)`,
    String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`,
    String.raw`[\d][\w.]*`,
    '[^]',
  ].join('|'),
  'gy',
)

/**
 * Parses a statement with named parameters, `:name` as in psql. Each name becomes one `$n`, even if it occurs several times.
 * @throws UsageError (`parameter_positional`) if the statement contains `$1`
 */
export function parseStatement(source: string): Statement {
  const names: string[] = []
  const reader = new KeywordReader()
  let text = ''
  let end = 0
  token.lastIndex = 0
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    const {comment, name, position} = match.groups ?? {}
    if (position !== undefined) throw positional(position)
    if (comment !== undefined) token.lastIndex = commentEnd(source, match.index)
    reader.read(match[0], text.length + match.index - end)
    if (name === undefined) continue
    if (!names.includes(name)) names.push(name)
    text += `${source.slice(end, match.index)}$${names.indexOf(name) + 1}`
    end = token.lastIndex
  }

  text += source.slice(end)
  const {main, givesRows, endsTransaction} = reader
  return {text: text.slice(0, reader.semicolon), names, main, givesRows, endsTransaction}
}

/**
 * The values of the parameters `names`, in order.
 * @throws UsageError (`parameter_missing`, `parameter_unknown`)
 */
export function bind(names: readonly string[], parameters: Parameters): unknown[] {
  const missing = names.filter((name) => !Object.hasOwn(parameters, name) || parameters[name] === undefined)
  if (missing.length > 0) throw mismatch('parameter_missing', 'has no value for', missing)
  const unknown = Object.keys(parameters).filter((name) => !names.includes(name))
  if (unknown.length > 0) throw mismatch('parameter_unknown', 'has no parameter', unknown)
  return names.map((name) => parameters[name])
}

/** Finds the main verb of a statement, token by token, whether it returns rows, and where it ends. */
class KeywordReader {
  main = 0
  givesRows = false
  /** The position of a final semicolon, which must be removed before the statement is put into another one. */
  semicolon: number | undefined
  #depth = 0
  #inWith = false
  #verb: string | undefined
  #begin = ''

  /** Two-phase commits of other sessions and savepoints leave the transaction of the session open. */
  get endsTransaction(): boolean {
    return transactionEnd.test(this.#begin)
  }

  read(part: string, offset: number): void {
    if (part === ';') this.semicolon ??= offset
    else if (!/^(\s|--|\/\*)/.test(part)) this.semicolon = undefined
    if (part === '(') this.#depth += 1
    if (part === ')') this.#depth -= 1
    const word = part.toLowerCase()
    if (this.#depth === 0 && this.#verb === undefined && word === 'with') this.#inWith = true
    if (/^\w/.test(word) && this.#begin.length < 64) this.#begin += `${word} `
    const begins = this.#inWith ? this.#depth === 0 && verbs.has(word) : /^\w/.test(word)
    if (this.#verb === undefined && begins) {
      this.#verb = word
      if (this.#inWith) this.main = offset
      this.givesRows = queries.has(word)
    }

    if (word === 'returning' && this.#depth === 0) this.givesRows = true
  }
}

const transactionEnd =
  /^(begin|start|abort|end|commit (?!prepared )|rollback (?!prepared |((work|transaction) )?to )|prepare transaction )/
const queries = new Set(['select', 'values', 'table'])
const verbs = new Set([...queries, 'insert', 'update', 'delete', 'merge'])

/** The end of the comment that begins at `start`, with nested comments. */
function commentEnd(sql: string, start: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = start
  let depth = 0
  for (let match = mark.exec(sql); match !== null; match = mark.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }

  return sql.length
}

function positional(position: string): UsageError {
  return new UsageError(`The statement has the parameter $${position}, which has no name.`, {
    code: 'parameter_positional',
    next: ['Write :name instead, and pass the value with that name.'],
  })
}

function mismatch(code: string, problem: string, names: string[]): UsageError {
  return new UsageError(`The statement ${problem} ${names.map((name) => `:${name}`).join(', ')}.`, {
    code,
    details: {names},
  })
}
