import {catalogQuery} from '../../postgres/catalog/catalog.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {escapeLiteral} from '../../postgres/wire/escape.js'
import {attempt, inTransaction, Refusal} from './session.js'

/** A sequence that gives a column its values. The names without `Sql` are as in the catalog. */
export interface FeedingSequence {
  sequence: string
  table: string
  column: string
  /** With the schema. */
  sequenceSql: string
  /** With the schema. */
  tableSql: string
  columnSql: string
  /** Whether it counts down. */
  descending: boolean
}

type SequenceRow = FeedingSequence & {increment: string}

const atOnce = 200

/**
 * Finds sequences of columns whose next value would not be past the values of the column: not above the highest, or not
 * below the lowest if they count down. Those that cycle, and those whose table cannot be read, are left out.
 */
export async function sequencesBehind(client: PostgresClient): Promise<FeedingSequence[]> {
  const behind = await inTransaction(client, () => findBehind(client))
  return behind.map(({sequence, table, column, sequenceSql, tableSql, columnSql, descending}) => ({
    ...{sequence, table, column, sequenceSql, tableSql, columnSql, descending},
  }))
}

/** Sets sequences past the values of their columns, except those that end before. */
export async function advanceSequences(client: PostgresClient): Promise<void> {
  const settings = (await findBehind(client)).map(setting)
  if (settings.length === 0 || !((await attempt(client, `select ${settings.join(', ')}`)) instanceof Refusal)) return
  for (const one of settings) await attempt(client, `select ${one}`)
}

/** Sets a sequence, which may be past this value already for another column. */
function setting(row: SequenceRow): string {
  const {sequenceSql, tableSql} = row
  const value = `(select ${extreme(row)}::int8 from ${tableSql})`
  const best = row.descending ? 'least' : 'greatest'
  return `pg_catalog.setval(${escapeLiteral(sequenceSql)}, ${best}(${value}, (select last_value from ${sequenceSql})))`
}

async function findBehind(client: PostgresClient): Promise<SequenceRow[]> {
  const {rows} = await client.query<SequenceRow>(catalogQuery('feeding-sequences'))
  const behind: SequenceRow[] = []
  for (let start = 0; start < rows.length; start += atOnce)
    behind.push(...(await behindAmong(client, rows.slice(start, start + atOnce))))
  return behind
}

/** Asks about all in one statement, and about each by itself if one of them cannot be read. */
async function behindAmong(client: PostgresClient, sequences: readonly SequenceRow[]): Promise<SequenceRow[]> {
  const found = await attempt(client, sequences.map(question).join(' union all '))
  if (!(found instanceof Refusal)) {
    const places = new Set(found.map(([place]) => Number(place)))
    return sequences.filter((_, place) => places.has(place))
  }
  if (sequences.length < 2) return []
  const each: SequenceRow[] = []
  for (const sequence of sequences) each.push(...(await behindAmong(client, [sequence])))
  return each
}

function question(row: SequenceRow, place: number): string {
  const {increment, sequenceSql, tableSql, descending} = row
  const next = `last_value::numeric + case when is_called then ${increment} else 0 end`
  const comparison = descending ? '>=' : '<='
  return `select ${place} from ${sequenceSql} where ${next} ${comparison} (select ${extreme(row)} from ${tableSql})`
}

function extreme({columnSql, descending}: SequenceRow): string {
  return descending ? `pg_catalog.floor(pg_catalog.min(${columnSql}))` : `pg_catalog.ceil(pg_catalog.max(${columnSql}))`
}
