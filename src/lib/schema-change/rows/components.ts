import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import type {SampleColumn, SampleTable} from './catalog.js'
import {chooseFirst, type Combination, combine} from './combinations.js'
import {conjunctsOf} from './literals.js'
import {attempt, Refusal, type Text} from './session.js'
import {sqlValue} from './sql-value.js'

/** Columns that conditions tie together, and combinations of values to try for them. */
export interface Component {
  columns: SampleColumn[]
  /** The first `chosen` of them are those to use. */
  combinations: Combination[]
  chosen: number
}

/** Conditions with the columns that they name. */
interface Group {
  columns: SampleColumn[]
  conditions: string[]
}

/** Combinations that are tried first, which do for most tables, and the most that are tried. */
const fewCombinations = 60
const manyCombinations = 1500
/** So many unproven ones are tried by inserting them. */
const unprovenCombinations = 30
const place = 'cruddur_db_place'

/**
 * Looks for values that satisfy the CHECK constraints and partition bounds of a table. The server evaluates the conditions
 * for many combinations at once; where it cannot, the combinations are unproven.
 */
export async function solve(
  client: PostgresClient,
  table: SampleTable,
  poolOf: (column: SampleColumn, expressions: readonly string[]) => Promise<readonly Text[]>,
): Promise<Component[]> {
  const components: Component[] = []
  for (const group of groupsOf(table)) {
    const pools: (readonly Text[])[] = []
    for (const column of group.columns) {
      const pool = await poolOf(column, group.conditions)
      pools.push(group.columns.length === 1 ? pool : await narrowed(client, table, group, column, pool))
    }
    const solved = await solveGroup(client, table, group, pools)
    components.push({columns: group.columns, ...solved})
  }
  return components
}

/** The candidates of a column that satisfy the conditions that name no other; all of them if none does. */
async function narrowed(
  client: PostgresClient,
  table: SampleTable,
  {columns, conditions}: Group,
  column: SampleColumn,
  pool: readonly Text[],
): Promise<readonly Text[]> {
  const own = conditions.filter((text) =>
    columns.every((other) => namesColumn(table, text, other.sql) === (other === column)),
  )
  if (own.length === 0 || pool.length === 0) return pool
  const found = await attempt(
    client,
    question(
      table,
      {columns: [column], conditions: own},
      pool.map((text) => [text]),
    ),
  )
  return found instanceof Refusal || found.length === 0 ? pool : found.map(([index]) => pool[Number(index)]!)
}

async function solveGroup(
  client: PostgresClient,
  table: SampleTable,
  group: Group,
  pools: readonly (readonly Text[])[],
): Promise<Pick<Component, 'combinations' | 'chosen'>> {
  for (const limit of [fewCombinations, manyCombinations]) {
    const tried = combine(pools, limit)
    if (tried.length === 0) break
    const found = await attempt(client, question(table, group, tried))
    if (found instanceof Refusal) break
    const good = found.map(([index]) => tried[Number(index)]!)
    if (
      isEnough(good, pools) ||
      (tried.length < limit && good.length > 0) ||
      (limit === manyCombinations && good.length > 0)
    )
      return chooseFirst(good)
  }
  return chooseFirst(combine(pools, unprovenCombinations))
}

/** Whether each column has a value, different values where there are some, and NULL where that is a candidate. */
function isEnough(good: readonly Combination[], pools: readonly (readonly Text[])[]): boolean {
  return pools.every((pool, column) => {
    const values = new Set(good.map((combination) => combination[column]))
    const hasNull = values.delete(null)
    return values.size >= Math.min(3, pool.length) && (hasNull || !pool.includes(null))
  })
}

/** Asks for the places of the combinations that satisfy all conditions. */
function question({columns}: SampleTable, group: Group, tried: readonly Combination[]): string {
  const rows = tried.map(
    (combination, index) =>
      `(${[index, ...combination.map((value, at) => `${sqlValue(value)}::${group.columns[at]!.typeSql}`)].join(', ')})`,
  )
  const names = [place, ...group.columns.map(({sql}) => sql)].join(', ')
  const generated = columns
    .filter(({expression, sql}) => expression !== null && group.conditions.some((text) => hasName(text, sql)))
    .map(({expression, typeSql, sql}) => `, (${expression})::${typeSql} as ${sql}`)
  const source = `(values ${rows.join(', ')}) as given (${names})`
  const inner = generated.length === 0 ? source : `(select given.*${generated.join('')} from ${source}) as given`
  return `select ${place} from ${inner} where ${group.conditions.map((text) => `(${text}) is not false`).join(' and ')} order by 1`
}

/** Unites conditions that have columns in common. */
function groupsOf(table: SampleTable): Group[] {
  const writable = table.columns.filter(({expression}) => expression === null)
  const texts = [
    ...table.checks.map(({expression}) => expression),
    ...(table.bounds === null ? [] : [table.bounds]),
  ].flatMap(conjunctsOf)
  let groups: Group[] = []
  for (const text of texts) {
    const columns = writable.filter(({sql}) => namesColumn(table, text, sql))
    if (columns.length === 0) continue
    const joined = groups.filter((group) => group.columns.some((column) => columns.includes(column)))
    const all = new Set([...columns, ...joined.flatMap((group) => group.columns)])
    groups = groups.filter((group) => !joined.includes(group))
    groups.push({columns: [...all], conditions: [...joined.flatMap(({conditions}) => conditions), text]})
  }
  return groups
}

/** Whether a condition names a column, itself or by a generated column. */
function namesColumn({columns}: SampleTable, text: string, sql: string): boolean {
  if (hasName(text, sql)) return true
  return columns.some(
    (column) => column.expression !== null && hasName(text, column.sql) && hasName(column.expression, sql),
  )
}

/** Whether an expression has a name. That a literal may have it too does no harm. */
function hasName(expression: string, sql: string): boolean {
  const escaped = sql.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\w"])${escaped}(?![\\w"])`, 'u').test(expression)
}
