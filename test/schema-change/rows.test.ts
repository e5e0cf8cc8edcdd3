import type {Client} from 'pg'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {fillTables, type UnfilledTable} from '../../src/lib/schema-change/rows/fill.js'
import {readRows, type RowsByTable} from '../../src/lib/schema-change/rows/read-rows.js'
import {sequencesBehind} from '../../src/lib/schema-change/rows/sequences.js'
import {connected, query, uniqueName, urlAs, urlOf} from '../support/databases.js'
import {everyKind} from './support/every-kind.js'

const key = (table: string, schema = 'public'): string => JSON.stringify([schema, table])

/** Runs SQL in a new database, fills it, and looks at it. */
async function filled<T>(
  sql: string,
  use: (client: Client, unfilled: UnfilledTable[]) => Promise<T>,
  withoutNulls: string[] = [],
): Promise<T> {
  const database = uniqueName('rows')
  await query('postgres', `create database ${database}`)
  try {
    return await connected(urlOf(database), async (client) => {
      await client.query(sql)
      return use(client, await fillTables(client, {withoutNulls: new Set(withoutNulls)}))
    })
  } finally {
    await query('postgres', `drop database ${database}`)
  }
}

/** The rows of a table, each as its values by column. */
function records(rows: RowsByTable, table: string, schema?: string): Record<string, string | null>[] {
  const found = rows.get(key(table, schema))
  if (found === undefined) throw new Error(`no table ${table}`)
  return found.rows.map((row) => Object.fromEntries(found.columns.map(({name}, at) => [name, row[at] ?? null])))
}

describe('a schema of every kind', () => {
  const database = uniqueName('rows')
  let client: Client
  let close = (): void => undefined
  let done: Promise<unknown>
  let unfilled: UnfilledTable[]
  let rows: RowsByTable

  beforeAll(async () => {
    await query('postgres', `create database ${database}`)
    await new Promise<void>((ready, failed) => {
      done = connected(urlOf(database), async (opened) => {
        client = opened
        await client.query(everyKind)
        unfilled = await fillTables(client)
        rows = await readRows(client)
        ready()
        await new Promise<void>((resolve) => (close = resolve))
      })
      done.catch(failed)
    })
  })
  afterAll(async () => {
    close()
    await done
    await query('postgres', `drop database ${database}`)
  })

  it('gives every table rows, except one without any that its constraint allows', () => {
    expect(unfilled).toEqual([
      {schema: 'public', table: 'impossible', reason: expect.stringContaining('violates check constraint') as string},
      {schema: 'public', table: 'no_parts', reason: 'It has no partition that takes rows.'},
      {
        schema: 'public',
        table: 'refers_impossible',
        reason: 'It refers to public.impossible, which has no rows here.',
      },
    ])
    const few = [...rows].filter(([, table]) => table.rows.length < 3).map(([table]) => table)
    const known = ['flags', 'impossible', 'no_parts', 'refers_impossible', 'same_only', 'slots']
    expect(few.filter((table) => !known.some((name) => table === key(name)))).toEqual([])
  })

  it('gives every column a value, and NULL where the column takes it', async () => {
    const empty: string[] = []
    for (const [table, {columns, rows: all}] of rows)
      if (all.length > 0)
        columns.forEach(({name}, at) => {
          if (all.every((row) => row[at] === null)) empty.push(`${table} ${name}`)
        })
    expect(empty).toEqual([])
    const {rows: nullable} = await client.query<{key: string; column: string}>(
      `select json_build_array(n.nspname, c.relname)::text as key, a.attname as column
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and not a.attnotnull and a.attgenerated = ''
        and n.nspname in ('public', 'Odd "S') and c.relname not like '%impossible' and c.relname not in ('same_only', 'slots')`,
    )
    const without = nullable.filter(({key: table, column}) => {
      const found = rows.get(JSON.stringify(JSON.parse(table)))
      const at = found?.columns.findIndex(({name}) => name === column) ?? -1
      return found?.rows.every((row) => row[at] !== null)
    })
    expect(without.map(({column}) => column).sort()).toEqual(['at', 'at', 'at', 'n', 'n', 'n', 'never_null'])
  })

  it('satisfies every foreign key and every CHECK', async () => {
    const {rows: keys} = await client.query<{table: string; name: string; sql: string}>(
      `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as sql
      from pg_constraint where contype in ('f', 'c') and conrelid <> 0 and conparentid = 0 and conislocal`,
    )
    await client.query('begin')
    for (const {table, name, sql} of keys)
      await client.query(`alter table ${table} drop constraint ${name}, add constraint ${name} ${sql}`)
    await client.query('rollback')
    expect(keys.length).toBeGreaterThan(20)
  })

  it('uses digits for text, so that it can become a number', async () => {
    await client.query('begin')
    await client.query('alter table kinds alter column varchar_ type int using varchar_::int')
    await client.query('rollback')
  })

  it('gives different values to columns that are not unique', async () => {
    await client.query('begin')
    await client.query('alter table kinds add unique (integer_), add unique (text_), add unique (timestamptz_)')
    await client.query('rollback')
  })

  it('leaves no sequence behind, and triggers, rules and row security as they were', async () => {
    expect(await sequencesBehind(client)).toEqual([])
    const {rows: actors} = await client.query(
      `select tgname as name, tgenabled::text as enabled from pg_trigger where not tgisinternal
      union all select rulename, ev_enabled::text from pg_rewrite where ev_type <> '1' and ev_class >= 16384 order by 1`,
    )
    expect(actors).toEqual([
      {name: 'always_rule', enabled: 'A'},
      {name: 'always_trigger', enabled: 'A'},
      {name: 'instead', enabled: 'O'},
      {name: 'refuse', enabled: 'O'},
    ])
    expect((await client.query('show session_replication_role')).rows).toEqual([{session_replication_role: 'origin'}])
  })

  it('makes chains of rows that refer to their own table, and connects cycles', () => {
    expect(records(rows, 'tree').map(({id, parent}) => [id, parent])).toEqual([
      ['1', '1'],
      ['2', '1'],
      ['3', '2'],
    ])
    expect(records(rows, 'boss').filter(({team}) => team !== null).length).toBeGreaterThan(1)
    expect(records(rows, 'egg').map(({chicken}) => chicken)).toEqual(['1', '2', '3'])
  })

  it('fills the same rows again', async () => {
    const again = await filled(everyKind, (other) => readRows(other))
    expect([...again].map(([table, {rows: all}]) => [table, all])).toEqual(
      [...rows].map(([table, {rows: all}]) => [table, all]),
    )
  })
})

describe('fillTables', () => {
  it('leaves NULL out of chosen columns, of partitions too', async () => {
    const sql = `create table t (a int, b int references t2); create table p (a int, c text) partition by range (a);
      create table p1 partition of p for values from (0) to (10)`
    const columns = [
      ['t', 'a'],
      ['t', 'b'],
      ['p', 'c'],
    ].map(([table, column]) => JSON.stringify(['public', table, column]))
    const rows = await filled(`create table t2 (id int primary key); ${sql}`, readRows, columns)
    const values = [...records(rows, 't'), ...records(rows, 'p1')].flatMap((row) => Object.values(row))
    expect(values.length).toBe(12)
    expect(values).not.toContain(null)
  })

  it('does not depend on search_path, and finds functions that do', async () => {
    const sql = `create schema s; create schema other; set search_path = other; set check_function_bodies = off;
      create function other.lower(text) returns text language sql as 'select null::text';
      create type s.mood as enum ('a'); create domain s.low as text check (value = pg_catalog.lower(value));
      create function s.inner_(int) returns int language sql as 'select $1';
      create function s.outer_(int) returns int language sql as 'select inner_($1)';
      create table s.t (m s.mood, l s.low, x int check (s.outer_(x) > 5)); create table other.t (y int)`
    await filled(sql, async (client, unfilled) => {
      expect(unfilled).toEqual([])
      expect((await client.query('show search_path')).rows).toEqual([{search_path: 'other'}])
    })
  })

  it('reports a type of which no value is known, and what refers to it', async () => {
    const sql = `create table t (id int primary key, v pg_catalog.pg_ndistinct not null); create table u (t int not null references t);
      create table v (t int references t); create table w (id int primary key, s pg_catalog.pg_node_tree)`
    await filled(sql, async (client, unfilled) => {
      expect(unfilled.map(({table}) => table)).toEqual(['t', 'u'])
      expect(unfilled[1]?.reason).toBe('It refers to public.t, which has no rows here.')
      expect(records(await readRows(client), 'v')).toEqual([{t: null}, {t: null}, {t: null}])
    })
  })

  it('removes rows whose parents could not be made', async () => {
    const sql = `create table a (id int primary key, b int not null); create table b (id int primary key check (id < 0), a int not null references a);
      alter table a add foreign key (b) references b; create table c (a int not null references a)`
    await filled(sql, (_, unfilled) => {
      expect(unfilled.map(({table}) => table)).toEqual(['a', 'b', 'c'])
      return Promise.resolve()
    })
  })

  it('works without a superuser, where it disables what the owner can, for the time', async () => {
    const [database, role] = [uniqueName('rows'), uniqueName('owner')]
    await query('postgres', `create role ${role} login password 'pw'`)
    await query('postgres', `create database ${database} owner ${role}`)
    try {
      await connected(urlAs(role, database), async (client) => {
        await client.query(`create schema own; set search_path = own;
          create function refuse() returns trigger language plpgsql as $$begin raise 'refused'; end$$;
          create table p (id serial primary key, q int); create table q (id int primary key, p int not null references p);
          alter table p add foreign key (q) references q;
          create trigger refuse before insert on p for each row execute function refuse();
          alter table p enable always trigger refuse;
          create rule instead as on insert to q do instead nothing;
          alter table q enable row level security; alter table q force row level security`)
        expect(await fillTables(client)).toEqual([])
        expect(records(await readRows(client), 'p', 'own').some(({q}) => q !== null)).toBe(true)
        const {rows} = await client.query(
          `select (select tgenabled from pg_trigger where tgname = 'refuse') as trigger, (select ev_enabled from pg_rewrite
          where rulename = 'instead') as rule, relforcerowsecurity as forced from pg_class where oid = 'q'::regclass`,
        )
        expect(rows).toEqual([{trigger: 'A', rule: 'O', forced: true}])
      })
    } finally {
      await query('postgres', `drop database ${database}`)
      await query('postgres', `drop role ${role}`)
    }
  })
})
