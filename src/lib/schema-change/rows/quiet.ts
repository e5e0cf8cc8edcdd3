import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import type {Actor, SampleTable} from './catalog.js'
import {attempt, Refusal} from './session.js'

const acting: Readonly<Record<Actor['enabled'], string>> = {
  O: 'enable',
  R: 'enable replica',
  A: 'enable always',
  D: 'disable',
}

/**
 * Keeps triggers, rules and row security from acting for the rest of the transaction: by the role of a replica where this
 * is allowed, which foreign keys do not hold for either, else by disabling what the role owns.
 * @returns a function that restores what was disabled, before the transaction ends
 */
export async function keepQuiet(client: PostgresClient, tables: readonly SampleTable[]): Promise<() => Promise<void>> {
  const replica = await attempt(client, 'set local session_replication_role = replica')
  const acts = replica instanceof Refusal ? ['O', 'A'] : ['R', 'A']
  const {rows} = await client.query<{bypasses: boolean}>(
    'select rolsuper or rolbypassrls as bypasses from pg_catalog.pg_roles where rolname = current_user',
  )
  const undo: string[] = []
  for (const table of tables) {
    const change = (clause: string): string => `alter table only ${table.sql} ${clause}`
    const actors = table.actors.filter(({enabled}) => acts.includes(enabled))
    const off = actors.map(({kind, sql}) => change(`disable ${kind} ${sql}`))
    const on = actors.map(({kind, sql, enabled}) => change(`${acting[enabled]} ${kind} ${sql}`))
    if (table.forced && rows[0]?.bypasses !== true) {
      off.push(change('no force row level security'))
      on.push(change('force row level security'))
    }
    if (off.length > 0 && !((await attempt(client, off.join('; '))) instanceof Refusal)) undo.push(...on)
  }
  return async () => {
    if (undo.length > 0) await client.query(undo.join('; '))
  }
}
