import type {SqlSession} from '../postgres/wire/sql-session.js'
import {type ReadToken, readTokens} from '../sql-text/tokens.js'

/** A statement that may take more rows than was meant. */
export interface LossyStatement {
  /** For example `DROP TABLE`, or `DELETE without WHERE`. */
  what: string
  /** The tables, as written. */
  tables: string[]
}

const isWord = (token: ReadToken | undefined, ...texts: string[]): boolean =>
  token?.kind === 'word' && texts.includes(token.text)

/** What a statement drops, truncates, or changes without WHERE; undefined for other statements. */
export function lossyStatement(text: string, standardStrings: boolean): LossyStatement | undefined {
  const tokens = readTokens(text, standardStrings)
  const [first, second] = tokens
  if (isWord(first, 'drop') && second?.kind === 'word') {
    const from = isWord(tokens[2], 'if') ? 4 : 2
    return {what: `DROP ${second.text.toUpperCase()}`, tables: second.text === 'table' ? namesFrom(tokens, from) : []}
  }
  if (isWord(first, 'truncate')) return {what: 'TRUNCATE', tables: namesFrom(tokens, isWord(second, 'table') ? 2 : 1)}
  // In a WITH list, too.
  const at = tokens.findIndex((token, index) => changesAt(tokens, token, index))
  if (at === -1 || tokens.slice(at).some((token) => isWord(token, 'where'))) return undefined
  const isDelete = isWord(tokens[at], 'delete')
  return {
    what: `${isDelete ? 'DELETE' : 'UPDATE'} without WHERE`,
    tables: namesFrom(tokens, at + (isDelete ? 2 : 1)).slice(0, 1),
  }
}

/** Whether a DELETE or an UPDATE begins here; not `FOR UPDATE` or `ON UPDATE`. */
function changesAt(tokens: readonly ReadToken[], token: ReadToken, index: number): boolean {
  const before = tokens[index - 1]
  const begins = before === undefined || (before.kind === 'other' && /^[()]$/.test(before.text))
  return begins && (isWord(token, 'update') || (isWord(token, 'delete') && isWord(tokens[index + 1], 'from')))
}

function namesFrom(tokens: readonly ReadToken[], from: number): string[] {
  const names: string[] = []
  let name = ''
  for (const token of tokens.slice(from)) {
    if (isWord(token, 'only')) continue
    if (token.kind === 'name') name += `"${(token.text ?? '').replaceAll('"', '""')}"`
    else if (token.kind === 'word' && (name === '' || name.endsWith('.'))) name += token.text
    else if (token.kind === 'other' && token.text === '.') name += '.'
    else if (token.kind === 'other' && token.text === ',') {
      names.push(name)
      name = ''
    } else if (!(token.kind === 'other' && token.text === '*')) break
  }
  return name === '' ? names : [...names, name]
}

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
