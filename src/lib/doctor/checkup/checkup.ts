import type {OperationContext} from '../../access/context.js'
import {catalogQuery} from '../../postgres/catalog/catalog.js'
import {together, withClient} from '../../postgres/connect/client.js'
import {sqlStateOf} from '../../postgres/connect/failures.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {type CheckDefinition, checks} from './checks.js'

export interface CheckItem {
  name: string
  /** In the unit of the check: percent, bytes, seconds, rows, transaction ids; null if it has none. */
  value: number | null
}

export interface HealthCheck {
  check: string
  /** `unseen`: the role may not see it, or the server gave it up. */
  status: 'ok' | 'warning' | 'urgent' | 'unseen'
  /** What is beyond the limit, the worst first; where nothing is, what came nearest, if that says something. */
  items: CheckItem[]
  limit: string
  advice: string
  /** Whether the role sees only a part. */
  partly: boolean
}

export interface CheckupResult {
  checks: HealthCheck[]
}

/** A check is given up after this time, so that a large database is not burdened. */
const patienceMs = 5000

/**
 * Looks for what makes a database slow or stop, in catalogs and statistics: no row of a table is read, and nothing is changed.
 * @throws ConnectionError, StateError
 */
export async function checkup({target, signal}: OperationContext): Promise<CheckupResult> {
  return withClient(target.url, {signal}, async (client) => {
    await client.query(`set statement_timeout = ${patienceMs}; set default_transaction_read_only = on`)
    const {rows} = await client.query<{all: boolean}>(
      "select pg_catalog.pg_has_role('pg_read_all_stats', 'usage') as all",
    )
    const seesAll = rows[0]?.all === true
    return {checks: await together(client, () => checks.map((definition) => run(client, definition, seesAll)))}
  })
}

async function run(client: PostgresClient, definition: CheckDefinition, seesAll: boolean): Promise<HealthCheck> {
  const {check, limit, advice} = definition
  const partly = definition.partly === true && !seesAll
  const unseen: HealthCheck = {check, status: 'unseen', items: [], limit, advice, partly}
  let rows: CheckItem[]
  try {
    rows = (await client.query<CheckItem>(catalogQuery(`checkup/${check}`))).rows
  } catch (error) {
    // What a provider does not allow is not seen, as what takes too long.
    if (sqlStateOf(error) === undefined) throw error
    return unseen
  }
  const beyond = rows.filter((item) => statusOf(item, definition) !== 'ok')
  const worst = beyond.some((item) => statusOf(item, definition) === 'urgent') ? 'urgent' : 'warning'
  if (beyond.length > 0) return {...unseen, status: worst, items: beyond}
  if (partly) return unseen
  return {...unseen, status: 'ok', items: definition.showsBest === true ? rows.slice(0, 1) : []}
}

function statusOf({value}: CheckItem, {warns, urgent, falls}: CheckDefinition): 'ok' | 'warning' | 'urgent' {
  if (warns === undefined) return 'warning'
  if (value === null) return 'ok'
  const beyond = (limit: number): boolean => (falls === true ? value < limit : value >= limit)
  if (urgent !== undefined && beyond(urgent)) return 'urgent'
  return beyond(warns) ? 'warning' : 'ok'
}
