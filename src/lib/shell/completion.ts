import {escapeIdentifier} from '../postgres/wire/escape.js'
import type {TextTable} from '../postgres/wire/sql-session.js'
import {Lexer} from '../sql-text/lexer.js'
import {commandNames} from './commands.js'
import {kindAfter, type ObjectNames} from './completion-rules.js'
import {keywords, quoteName} from './keywords.js'

/** A relation for completion. */
export interface Name {
  schema: string
  name: string
  visible: boolean
  columns: string[]
}

const wordAt = '(?:"(?:[^"]|"")*"|[\\w$\\u0080-\\uFFFF]+)'
const beforeCursor = new RegExp(`(?:(${wordAt})\\.)?("[^"]*|[\\w$\\u0080-\\uFFFF]*)$`)
const relationFollows = new RegExp(
  `\\b(from|join|into|update|table|truncate|only|copy|analyze|vacuum|references|view|sequence)\\s+(${wordAt}\\s*,\\s*)*$`,
  'i',
)
const mentioned = new RegExp(
  `\\b(?:from|join|into|update|table|references|on|,)\\s+(?:only\\s+)?((?:${wordAt}\\.)?${wordAt})(?:\\s+(?:as\\s+)?(${wordAt}))?`,
  'gi',
)
/** The columns of an index, a reference or an INSERT. */
const columnList = new RegExp(
  `\\b(?:on|references|into)\\s+(?:${wordAt}\\.)?${wordAt}(?:\\s+using\\s+\\w+)?\\s*\\([^()]*$`,
  'i',
)
const systemSchemas = ['pg_catalog', 'information_schema']

/** Converts the rows of `sql/catalog/shell/names.sql`. */
export function namesOf({rows}: TextTable): Name[] {
  return rows.map(([schema, name, visible, columns]) => ({
    schema: schema ?? '',
    name: name ?? '',
    visible: visible === 't',
    columns: JSON.parse(columns ?? '[]') as string[],
  }))
}

/**
 * Completes the word before the cursor: with relations after FROM and the like, with columns of the relations in the
 * statement, or with keywords. `before` and `after` are the text on both sides of the cursor.
 */
export function completeInput(
  before: string,
  after: string,
  names: readonly Name[],
  objects: ObjectNames = {},
): [candidates: string[], word: string] {
  if (/^\s*\\\S*$/.test(before)) return begins(commandNames, before.trim())
  const statement = currentStatement(before)
  if (statement === undefined) return [[], '']
  const [whole, qualifier, part = ''] = beforeCursor.exec(statement) ?? ['']
  const ahead = statement.slice(0, statement.length - whole.length)
  const kind = qualifier === undefined ? kindAfter(ahead) : undefined
  if (kind !== undefined) return byKind(objects[kind] ?? [], part, whole)
  const found =
    qualifier === undefined
      ? [...unqualified(part, ahead, after, names), ...functions(part, ahead, objects)]
      : qualified(qualifier, `${statement} ${after}`, names)
  const typed = fold(part)
  const matching = found.filter(({name}) =>
    part.startsWith('"') ? name.startsWith(typed) : name.toLowerCase().startsWith(typed),
  )
  const prefix = qualifier === undefined ? '' : `${qualifier}.`
  return [
    [...new Set(matching.map(({text, name}) => prefix + (part.startsWith('"') ? escapeIdentifier(name) : text)))],
    whole,
  ]
}

/** Names of one kind; those that must be quoted are found without their quotes, too. */
function byKind(names: readonly string[], part: string, whole: string): [string[], string] {
  const typed = part.toLowerCase()
  return [
    names.filter((name) => name.toLowerCase().startsWith(typed) || name.toLowerCase().startsWith(`"${typed}`)),
    whole,
  ]
}

/** In an expression, so many letters mean a function, too. */
const functionLetters = 3

function functions(part: string, ahead: string, objects: ObjectNames): Candidate[] {
  if (part.length < functionLetters || part.startsWith('"') || !inExpression.test(ahead)) return []
  return (objects['function'] ?? []).map((name) => ({name, text: `${name}(`}))
}

const inExpression =
  /\b(?:select|where|and|or|on|by|having|set|values|returning|when|then|else|call)\b[^;]*$|[(=,+*/<>|-]\s*$/i

interface Candidate {
  /** Compared with the typed text. */
  name: string
  text: string
}

/** The relations of a schema, or the columns of a relation in the statement. */
function qualified(qualifier: string, statement: string, names: readonly Name[]): Candidate[] {
  const name = fold(qualifier)
  const inSchema = names.filter(({schema}) => schema === name).map((each) => identifierPattern(each.name))
  const columns = relationsIn(statement, names).filter(({alias, relation}) => alias === name || relation.name === name)
  return [...columns.flatMap(({relation}) => relation.columns.map(identifierPattern)), ...inSchema]
}

function unqualified(part: string, ahead: string, after: string, names: readonly Name[]): Candidate[] {
  if (relationFollows.test(ahead) || /^\s*\\d\S*\s+$/.test(ahead)) {
    const own = names.filter(({schema}) => part.startsWith('pg_') || !systemSchemas.includes(schema))
    return own.map(({schema, name, visible}) =>
      visible ? identifierPattern(name) : {name: `${schema}.${name}`, text: `${quoteName(schema)}.${quoteName(name)}`},
    )
  }

  const columns = relationsIn(`${ahead} ${after}`, names).flatMap(({relation}) =>
    relation.columns.map(identifierPattern),
  )
  if (part === '' || part.startsWith('"') || columnList.test(ahead)) return columns
  const upper = part === part.toUpperCase()
  return [...columns, ...keywords.map((name) => ({name, text: upper ? name.toUpperCase() : name}))]
}

function relationsIn(statement: string, names: readonly Name[]): {relation: Name; alias: string | undefined}[] {
  return [...statement.matchAll(mentioned)].flatMap(([, path = '', alias]) => {
    const parts = (path.match(new RegExp(wordAt, 'g')) ?? []).map(fold)
    const name = parts.at(-1)
    const schema = parts.length > 1 ? parts[0] : undefined
    const relation = names.find(
      (each) => each.name === name && (schema === undefined ? each.visible : each.schema === schema),
    )
    return relation === undefined ? [] : [{relation, alias: alias === undefined ? undefined : fold(alias)}]
  })
}

/** The last statement of the text; undefined inside a string or a comment. */
function currentStatement(text: string): string | undefined {
  const lexer = new Lexer(true)
  const bytes = Buffer.from(text)
  let start = 0
  for (;;) {
    const stop = lexer.scan(bytes, true)
    if (stop === 'more') break
    if (stop === 'backslash') lexer.pos += 1
    else {
      start = lexer.pos
      lexer.reset()
    }
  }

  return lexer.open === undefined || lexer.open === 'quoted identifier' ? bytes.toString('utf8', start) : undefined
}

function begins(list: readonly string[], typed: string): [string[], string] {
  return [list.filter((each) => each.startsWith(typed)), typed]
}

function identifierPattern(name: string): Candidate {
  return {name, text: quoteName(name)}
}

/** Converts a name like the server: unquoted names become lower case. */
function fold(text: string): string {
  return text.startsWith('"') ? text.slice(1).replace(/"$/, '').replaceAll('""', '"') : text.toLowerCase()
}
