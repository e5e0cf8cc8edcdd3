import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {Tokens} from '../sql-text/tokens.js'
import type {Statement} from './statement.js'

/**
 * Statements as people write them: without quotes around names that need none, which the server knows best, and without
 * what repeats the statement before.
 */
export async function tidyStatements(client: PostgresClient, statements: readonly Statement[]): Promise<Statement[]> {
  const inside = (sql: string): string => sql.replaceAll(/'|\$\$/g, ' ')
  const quoted = new Set(statements.flatMap(({sql}) => [...quotedNames(sql), ...quotedNames(inside(sql))]))
  const {rows} = await client.query<{name: string; written: string}>(
    'select name, pg_catalog.quote_ident(name) as written from pg_catalog.unnest($1::text[]) as name',
    [[...quoted]],
  )
  const written = new Map(rows.map((row) => [row.name, row.written]))
  return statements
    .map((each) => ({...each, sql: tidy(each.sql, written), ...(each.open && {open: tidy(each.open, written)})}))
    .filter(({sql}, index, all) => index === 0 || all[index - 1]?.sql !== sql)
}

function quotedNames(sql: string): string[] {
  return [...tokensOf(sql)].flatMap(({name}) => name ?? [])
}

function* tokensOf(sql: string): Generator<{from: number; to: number; name: string | undefined}> {
  const tokens = new Tokens(sql)
  for (let index = 0; ; index++) {
    const token = tokens.at(index)
    if (token === undefined) return
    if (token.kind === 'quoted') yield {from: token.from, to: token.to, name: tokens.identifier(token)}
  }
}

function tidy(sql: string, written: ReadonlyMap<string, string>): string {
  const text = tidyNames(sql, written)
  // Names inside of strings, in statements of ours.
  const values = text.replace(/(?<=^SELECT setval\(')(?:[^']|'')*(?=')|(?<=^DO \$\$)[\s\S]*(?=\$\$$)/, (names) =>
    tidyNames(names, written),
  )
  return values.replace(/;\s*$/, '').trimEnd()
}

function tidyNames(sql: string, written: ReadonlyMap<string, string>): string {
  let [text, at] = ['', 0]
  for (const {from, to, name} of tokensOf(sql)) {
    text +=
      sql.slice(at, from) + (name === undefined ? sql.slice(from, to) : (written.get(name) ?? sql.slice(from, to)))
    at = to
  }
  return text + sql.slice(at)
}
