import {UsageError} from '../errors.js'

/** The values of named parameters. `null` is SQL's null; `undefined` counts as missing. */
export type Parameters = Readonly<Record<string, unknown>>

/** A statement whose named parameters have become `$1`, `$2`, …; see {@link parseStatement}. */
export interface Statement {
  text: string
  /** The name behind `$1`, behind `$2`, …, each once. */
  names: readonly string[]
  /** Where in `text` the statement proper begins, past the list of its WITH; 0 where there is none. */
  main: number
  /** Whether it gives rows: a query, or a write with RETURNING. */
  givesRows: boolean
}

/**
 * One token of SQL, by the rules of Postgres' scanner
 * (https://www.postgresql.org/docs/current/sql-syntax-lexical.html): nothing inside a literal, a quoted name or a comment
 * is a parameter. What is left open runs to the end; the server says what is wrong with it. A nested comment is read on
 * by {@link commentEnd}.
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
/** `:name`, but not `::type`, `:=` or the bound of a slice, `a[1:n]`. */
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
 * Reads a statement with named parameters, `:name` as in psql. Each name becomes one `$n`, however often it stands.
 * @throws UsageError (`parameter_positional`) for a `$1` of the caller's own
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
  return {text: text.slice(0, reader.semicolon), names, main: reader.main, givesRows: reader.givesRows}
}

/**
 * The values of the parameters `names`, in their order.
 * @throws UsageError (`parameter_missing`, `parameter_unknown`) naming them, before the server is asked
 */
export function bind(names: readonly string[], parameters: Parameters): unknown[] {
  const missing = names.filter((name) => !Object.hasOwn(parameters, name) || parameters[name] === undefined)
  if (missing.length > 0) throw mismatch('parameter_missing', 'has no value for', missing)
  const unknown = Object.keys(parameters).filter((name) => !names.includes(name))
  if (unknown.length > 0) throw mismatch('parameter_unknown', 'knows no', unknown)
  return names.map((name) => parameters[name])
}

/** Notices, token by token, where a statement's main verb stands, whether it gives rows, and where it ends. */
class KeywordReader {
  main = 0
  givesRows = false
  /** The offset of a last semicolon, which is no part of a statement that is put into another one. */
  semicolon: number | undefined
  #depth = 0
  #inWith = false
  #verb: string | undefined

  read(part: string, offset: number): void {
    if (part === ';') this.semicolon ??= offset
    else if (!/^(\s|--|\/\*)/.test(part)) this.semicolon = undefined
    if (part === '(') this.#depth += 1
    if (part === ')') this.#depth -= 1
    const word = part.toLowerCase()
    if (this.#depth === 0 && this.#verb === undefined && word === 'with') this.#inWith = true
    const begins = this.#inWith ? this.#depth === 0 && verbs.has(word) : /^\w/.test(word)
    if (this.#verb === undefined && begins) {
      this.#verb = word
      if (this.#inWith) this.main = offset
      this.givesRows = queries.has(word)
    }

    if (word === 'returning' && this.#depth === 0) this.givesRows = true
  }
}

const queries = new Set(['select', 'values', 'table'])
const verbs = new Set([...queries, 'insert', 'update', 'delete', 'merge'])

/** The end of the comment that begins at `start`; comments nest. */
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
    next: ['Write :name in its place, and pass the value under that name.'],
  })
}

function mismatch(code: string, problem: string, names: string[]): UsageError {
  return new UsageError(`The statement ${problem} ${names.map((name) => `:${name}`).join(', ')}.`, {
    code,
    details: {names},
  })
}
