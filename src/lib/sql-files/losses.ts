import {cutIdentifier} from '../targets/identifier.js'
import {type ReadToken, readTokens} from '../sql-text/tokens.js'

/**
 * What a statement drops or truncates: a table, a schema or a database, by the parts of its name; `anything` if the name is
 * unknown.
 */
export type Loss = {kind: 'table' | 'schema' | 'database'; name: string[]} | {kind: 'anything'}

export interface TableName {
  schema: string
  table: string
}

/** The maximum depth of strings inside strings. */
const maxDepth = 20

/**
 * Finds what a statement drops or truncates: DROP TABLE, DROP SCHEMA, DROP OWNED, TRUNCATE, and these in a DO block, also
 * in dynamic SQL. If psql's scanner reads several statements as one, all of them count.
 */
export function lossesOf(statement: string, standardStrings = true): Loss[] {
  const tokens = readTokens(statement, standardStrings)
  return tokens.flatMap((token, index) => {
    const previous = tokens[index - 1]
    if (previous !== undefined && !isOther(previous, ';')) return []
    if (!isWord(token, 'do')) return lossesAt(tokens, index)
    const end = tokens.findIndex((other, place) => place > index && isOther(other, ';'))
    return tokens
      .slice(index, end < 0 ? undefined : end)
      .flatMap((part) => (part.kind === 'string' ? lossesAnywhere(part.text) : []))
  })
}

/** Whether a loss affects the table; `names` are its own name and those of its parent tables. */
export function losesRows(names: readonly TableName[], losses: readonly Loss[]): boolean {
  return losses.some((loss) => {
    if (loss.kind === 'anything') return true
    // Postgres does not drop the database in which the statement runs.
    if (loss.kind === 'database') return false
    const [last, schema] = loss.name.map((part) => cutIdentifier(part)).reverse()
    return names.some((name) =>
      loss.kind === 'schema'
        ? name.schema === last
        : name.table === last && (schema === undefined || schema === name.schema),
    )
  })
}

/** The losses anywhere in the text of a block, because its strings may be executed too. */
function lossesAnywhere(text: string, depth = 1): Loss[] {
  if (depth > maxDepth) return [{kind: 'anything'}]
  const tokens = readTokens(text)
  return tokens.flatMap((token, index) =>
    token.kind === 'string' ? lossesAnywhere(token.text, depth + 1) : lossesAt(tokens, index),
  )
}

/** The losses of the statement that begins at that token. */
function lossesAt(tokens: readonly ReadToken[], index: number): Loss[] {
  const [first, second] = [tokens[index], tokens[index + 1]]
  if (isWord(first, 'truncate'))
    return namesFrom(tokens, index + (isWord(second, 'table') ? 2 : 1)).map((name) => lossOf('table', name))
  if (!isWord(first, 'drop')) return []
  // In dynamic SQL the name is often added later.
  if (second?.kind !== 'word' || second.text === 'owned') return [{kind: 'anything'}]
  const kind = second.text
  if (kind !== 'table' && kind !== 'schema' && kind !== 'database') return []
  const names = isWord(tokens[index + 2], 'if') && isWord(tokens[index + 3], 'exists') ? index + 4 : index + 2
  const found = namesFrom(tokens, names)
  return (kind === 'database' ? found.slice(0, 1) : found).map((name) => lossOf(kind, name))
}

const lossOf = (kind: 'table' | 'schema' | 'database', name: string[] | undefined): Loss =>
  name === undefined ? {kind: 'anything'} : {kind, name}

/** Parses a list of names into their parts; undefined for a name that cannot be read. */
function namesFrom(tokens: readonly ReadToken[], from: number): (string[] | undefined)[] {
  // TRUNCATE allows ONLY, parentheses and * around a name.
  const rest = tokens
    .slice(from)
    .filter((token) => !isOther(token, '(') && !isOther(token, ')') && !isOther(token, '*') && !isWord(token, 'only'))
  const names: (string[] | undefined)[] = []
  let at = 0
  do {
    const name: (string | undefined)[] = []
    do {
      const token = rest[at]
      name.push(token?.kind === 'word' || token?.kind === 'name' ? token.text : undefined)
      at += 2
    } while (isOther(rest[at - 1], '.'))
    names.push(name.every((part) => part !== undefined) ? name : undefined)
  } while (isOther(rest[at - 1], ','))
  return names
}

const isWord = (token: ReadToken | undefined, text: string): boolean => token?.kind === 'word' && token.text === text
const isOther = (token: ReadToken | undefined, text: string): boolean => token?.kind === 'other' && token.text === text
