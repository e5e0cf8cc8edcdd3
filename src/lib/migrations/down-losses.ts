import type {LosingTable} from '../access/effect.js'
import {filledTables} from '../postgres/catalog/filled-tables.js'
import {sqlState, sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {losesRows} from '../sql-files/losses.js'
import {lossesIn} from '../sql-files/scan.js'
import {readTokens} from '../sql-text/tokens.js'
import type {DownTask} from './down-tasks.js'
import {statementTexts} from './expanded.js'
import {readOnly} from './plan/target.js'

/** A column that a statement drops, with the parts of its table's name. */
export interface DroppedColumn {
  table: string[]
  column: string
}

/** Reads at most this many rows. */
const maxValues = 1000

/** The tables with rows that are dropped or truncated, and the columns with values that are dropped. */
export async function lossesOfDowns(
  client: PostgresClient,
  tasks: readonly DownTask[],
  {cwd, database, signal}: {cwd: string; database: string; signal: AbortSignal},
): Promise<LosingTable[]> {
  if (tasks.length === 0) return []
  const losses = await lossesIn(
    tasks.map(({section}) => section.input),
    {cwd, database, signal},
  )
  const tables = losses.length === 0 ? [] : await filledTables(client)
  const lost = tables.filter((table) => losesRows([table, ...table.ancestors], losses))
  const columns = tasks.flatMap(({stored}) => statementTexts(stored.down ?? '').flatMap(droppedColumns))
  const filled: LosingTable[] = []
  for (const column of columns) {
    const rows = await valuesOf(client, column)
    if (rows !== undefined) filled.push({name: `the column ${[...column.table, column.column].join('.')}`, rows})
  }
  return [...lost.map(({name, rows}) => ({name, rows})), ...filled]
}

/** The columns that an ALTER TABLE drops. */
export function droppedColumns(statement: string): DroppedColumn[] {
  const tokens = readTokens(statement)
  const word = (at: number): string | undefined => (tokens[at]?.kind === 'word' ? tokens[at].text : undefined)
  if (word(0) !== 'alter' || word(1) !== 'table') return []
  let at = word(2) === 'if' ? 4 : 2
  if (word(at) === 'only') at++
  const table: string[] = []
  for (; ; at += 2) {
    table.push(tokens[at]?.text ?? '')
    if (tokens[at + 1]?.text !== '.') break
  }
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' || token.text !== 'drop' || index <= at) return []
    let name = word(index + 1) === 'column' ? index + 2 : index + 1
    if (word(index + 1) === 'constraint') return []
    if (word(name) === 'if') name += 2
    // ALTER COLUMN … DROP NOT NULL and the like.
    const previous = tokens[index - 1]
    const inAction = index - 1 > at && previous?.text !== ','
    const column = tokens[name]?.text
    return inAction || column === undefined ? [] : [{table, column}]
  })
}

/**
 * The number of values of a column, as far as the first rows tell; null if that is not known, undefined if there are none.
 * It neither waits for locks nor reads a large table.
 */
async function valuesOf(client: PostgresClient, {table, column}: DroppedColumn): Promise<number | null | undefined> {
  const [name, from] = [escapeIdentifier(column), table.map(escapeIdentifier).join('.')]
  try {
    const {rows} = await readOnly(client, () =>
      client.query<{rows: number; filled: number; estimate: number | null}>(
        `select pg_catalog.count(*)::int as rows, pg_catalog.count(value)::int as filled, (
           select greatest(c.reltuples, 0)::float8 from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass($1)
         ) as estimate from (select ${name} as value from ${from} limit ${maxValues}) as first`,
        [from],
      ),
    )
    const [{rows: counted, filled, estimate} = {rows: 0, filled: 0, estimate: 0}] = rows
    if (counted < maxValues) return filled === 0 ? undefined : filled
    return filled === 0 ? null : Math.max(filled, Math.round(((estimate ?? 0) * filled) / counted))
  } catch (error) {
    const code = sqlStateOf(error)
    if (code === undefined) throw error
    // The table or column is made again by an earlier part of the same undo.
    return code === sqlState.undefinedTable || code === sqlState.undefinedColumn ? undefined : null
  }
}
