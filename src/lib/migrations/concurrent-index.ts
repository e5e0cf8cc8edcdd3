import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {readTokens} from '../sql-text/tokens.js'

/** CREATE or DROP INDEX CONCURRENTLY, of which a part may be done after a failure. */
export interface ConcurrentIndex {
  kind: 'create' | 'drop'
  /** The name of the index in parts, `schema` and name or only the name; undefined if none is given. */
  index: string[] | undefined
  /** The table of CREATE INDEX, in parts. */
  table: string[]
}

/** Reads a statement; undefined if it is another one. */
export function concurrentIndex(statement: string): ConcurrentIndex | undefined {
  const tokens = readTokens(statement)
  const word = (index: number): string | undefined => (tokens[index]?.kind === 'word' ? tokens[index].text : undefined)
  const nameAt = (from: number): {parts: string[]; next: number} => {
    const parts: string[] = []
    for (let at = from; ; at += 2) {
      const token = tokens[at]
      if ((token?.kind !== 'word' && token?.kind !== 'name') || token.text === undefined) return {parts, next: at}
      parts.push(token.text)
      if (tokens[at + 1]?.text !== '.') return {parts, next: at + 1}
    }
  }
  if (word(0) === 'drop' && word(1) === 'index' && word(2) === 'concurrently') {
    const {parts} = nameAt(word(3) === 'if' ? 5 : 3)
    return {kind: 'drop', index: parts, table: []}
  }
  const at = word(1) === 'unique' ? 2 : 1
  if (word(0) !== 'create' || word(at) !== 'index' || word(at + 1) !== 'concurrently') return undefined
  const named = word(at + 2) === 'if' ? at + 5 : at + 2
  const none = word(named) === 'on'
  const index = none ? {parts: [], next: named} : nameAt(named)
  const table = nameAt(word(index.next + 1) === 'only' ? index.next + 2 : index.next + 1)
  return {kind: 'create', index: none ? undefined : index.parts, table: table.parts}
}

export type IndexState = 'absent' | 'valid' | 'invalid'

/**
 * The state of the index that a statement names. An index of CREATE is in the schema of its table. One that another
 * session builds at the moment, or on another table, counts as valid, because it is not ours.
 */
export async function stateOf(client: PostgresClient, {kind, index, table}: ConcurrentIndex): Promise<IndexState> {
  const {rows} = await client.query<{valid: boolean}>(
    `select i.indisvalid or (i.indrelid <> coalesce(pg_catalog.to_regclass($2), i.indrelid)) or exists (
       select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid
     ) as valid
     from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
     where i.indexrelid = pg_catalog.to_regclass($1)
       or ($3 and c.relname = $4 and c.relnamespace = (
         select t.relnamespace from pg_catalog.pg_class t where t.oid = pg_catalog.to_regclass($2)
       ))`,
    [quoted(index ?? []), table.length === 0 ? null : quoted(table), kind === 'create', index?.at(-1) ?? ''],
  )
  const [row] = rows
  if (row === undefined) return 'absent'
  return row.valid ? 'valid' : 'invalid'
}

/** The name of the index as SQL, in the schema of its table. */
export function indexName({index = [], table}: ConcurrentIndex): string {
  const schema = index.length === 1 ? table.slice(0, -1) : index.slice(0, -1)
  return quoted([...schema, ...index.slice(-1)])
}

const quoted = (parts: readonly string[]): string => parts.map(escapeIdentifier).join('.')
