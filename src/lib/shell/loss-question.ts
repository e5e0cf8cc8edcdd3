import type {SqlSession} from '../postgres/wire/sql-session.js'
import {lossesOf} from '../sql-files/losses.js'
import {type ReadToken, readTokens} from '../sql-text/tokens.js'
import {quoteName} from './keywords.js'

/** A statement that may take more rows than was meant. */
export interface LossyStatement {
  /** For example `DROP TABLE`, or `DELETE without WHERE`. */
  what: string
  /** The tables, as written. */
  tables: string[]
}

const isWord = (token: ReadToken | undefined, text: string): boolean => token?.kind === 'word' && token.text === text
const isSign = (token: ReadToken | undefined, text: string): boolean => token?.kind === 'other' && token.text === text

/** What a statement, or the first of several in one message, drops, truncates, or changes without WHERE. */
export function lossyStatement(text: string, standardStrings: boolean): LossyStatement | undefined {
  const tokens = readTokens(text, standardStrings)
  const starts = [0, ...tokens.flatMap((token, index) => (isSign(token, ';') ? [index + 1] : []))]
  for (const [index, start] of starts.entries()) {
    const found = lossIn(tokens.slice(start, starts[index + 1]))
    if (found === undefined) continue
    // Those of the whole message: it is asked about once.
    const dropped = lossesOf(text, standardStrings).flatMap((loss) => (loss.kind === 'table' ? [loss.name] : []))
    return {what: found.what, tables: found.tables ?? dropped.map(named)}
  }
  return undefined
}

/** `tables` is undefined where the losses of a SQL file tell them. */
function lossIn(tokens: readonly ReadToken[]): {what: string; tables: string[] | undefined} | undefined {
  const [first, second] = tokens
  if (isWord(first, 'drop') && second?.kind === 'word')
    return {what: `DROP ${second.text.toUpperCase()}`, tables: second.text === 'table' ? undefined : []}
  if (isWord(first, 'truncate')) return {what: 'TRUNCATE', tables: undefined}
  // In a WITH list and behind EXPLAIN ANALYZE, too.
  const at = tokens.findIndex((token, index) => changesAt(tokens, token, index))
  if (at === -1 || tokens.slice(at).some((token) => isWord(token, 'where'))) return undefined
  const isDelete = isWord(tokens[at], 'delete')
  const table = tableAt(tokens, at + (isDelete ? 2 : 1))
  return {what: `${isDelete ? 'DELETE' : 'UPDATE'} without WHERE`, tables: table === undefined ? [] : [table]}
}

/** Whether a DELETE or an UPDATE begins here; not `FOR UPDATE` or `ON UPDATE`. */
function changesAt(tokens: readonly ReadToken[], token: ReadToken, index: number): boolean {
  const before = tokens[index - 1]
  const begins = before === undefined || isSign(before, '(') || isSign(before, ')') || isWord(before, 'analyze')
  return begins && (isWord(token, 'update') || (isWord(token, 'delete') && isWord(tokens[index + 1], 'from')))
}

function tableAt(tokens: readonly ReadToken[], at: number): string | undefined {
  const from = isWord(tokens[at], 'only') ? at + 1 : at
  const parts: string[] = []
  for (let index = from; ; index += 2) {
    const token = tokens[index]
    if (token === undefined || token.kind === 'string' || token.kind === 'other' || token.text === undefined) break
    parts.push(token.text)
    if (!isSign(tokens[index + 1], '.')) break
  }
  return parts.length === 0 ? undefined : named(parts)
}

const named = (parts: readonly string[]): string => parts.map(quoteName).join('.')

/** The question before it runs, with the number of rows as far as the server has counted them. */
export async function lossQuestion({what, tables}: LossyStatement, session: SqlSession): Promise<string> {
  // A failed transaction answers nothing.
  const counted =
    session.state === 'failed' || tables.length === 0 ? [] : (await session.table('row-counts', [tables])).rows
  const list = tables.map((table) => {
    const rows = counted.find(([name]) => name === table)?.[1]
    return rows == null ? table : `${table} (about ${Number(rows).toLocaleString('en')} rows)`
  })
  return `${what}${list.length === 0 ? '' : `: ${list.join(', ')}`}. Run it? (y/n) `
}
