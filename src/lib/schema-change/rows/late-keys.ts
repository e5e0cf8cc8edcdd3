import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {escapeLiteral} from '../../postgres/wire/escape.js'
import type {SampleKey, SampleTable} from './catalog.js'
import {returning, type SampleRow, sampleRows} from './fill-table.js'
import {isActive, refersTo, type Row} from './row-plan.js'
import {attempt, Refusal} from './session.js'
import {sqlValue} from './sql-value.js'

interface LateKey {
  table: SampleTable
  key: SampleKey
  rows: SampleRow[]
  parents: readonly Row[]
  /** Whether one row is to go on referring to nothing. */
  isFree: boolean
}

/** Makes rows refer to parents that came after them. A row that the server refuses goes on referring to nothing. */
export async function connectLater(
  client: PostgresClient,
  {table, key, rows, parents, isFree}: LateKey,
): Promise<void> {
  const count = isFree && rows.length > 1 ? rows.length - 1 : rows.length
  for (let index = 0; index < count; index++) {
    const row = rows[index]!
    const suiting = parents.filter((parent) => suits(table, key, row.values, parent))
    const parent = suiting[index % suiting.length]
    if (parent === undefined) continue
    const sets = key.columns.map(
      (number, at) => `${columnSql(table, number)} = ${sqlValue(parent.get(key.otherColumns[at]!))}`,
    )
    const found = await attempt(
      client,
      `update only ${table.sql} set ${sets.join(', ')} where ctid = ${escapeLiteral(row.place)} returning ${returning(table)}`,
    )
    const [changed] = found instanceof Refusal ? [] : sampleRows(table, found)
    if (changed !== undefined) rows[index] = changed
  }
}

/** Deletes rows that refer to parents which could not be made, and those that refer to them. */
export async function removeOrphans(
  client: PostgresClient,
  rows: Map<SampleTable, SampleRow[]>,
  parentsOf: (key: SampleKey) => readonly SampleTable[],
): Promise<void> {
  for (let removed = true; removed;) {
    removed = false
    for (const [table, own] of rows) {
      const orphans = own.filter(({values}) =>
        table.keys.some((key) => {
          const parents = parentsOf(key).flatMap((parent) => rows.get(parent) ?? [])
          return isActive(key, values) && !parents.some((parent) => refersTo(key, values, parent.values))
        }),
      )
      if (orphans.length === 0) continue
      const places = orphans.map(({place}) => escapeLiteral(place)).join(', ')
      await attempt(client, `delete from only ${table.sql} where ctid in (${places})`)
      rows.set(
        table,
        own.filter((row) => !orphans.includes(row)),
      )
      removed = true
    }
  }
}

/** Whether a row can refer to a parent by changing only what is NULL. */
function suits({columns}: SampleTable, key: SampleKey, row: Row, parent: Row): boolean {
  return key.columns.every((number, at) => {
    const value = parent.get(key.otherColumns[at]!) ?? null
    const own = row.get(number) ?? null
    const notNull = columns.some((column) => column.number === number && column.notNull)
    return value !== null && (own === value || (own === null && !notNull))
  })
}

function columnSql({columns}: SampleTable, number: number): string {
  return columns.find((column) => column.number === number)?.sql ?? ''
}
