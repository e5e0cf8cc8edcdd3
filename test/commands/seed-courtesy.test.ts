import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlAs, urlOf, withConnection} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const database = uniqueName('courtesy')
const role = uniqueName('seeder')
const other = uniqueName('other')
const folder = temporaryFolder()

beforeAll(async () => {
  await query(
    'postgres',
    `create role "${role}" login password 'pw'; create role "${other}"; grant "${other}" to "${role}"`,
  )
})
afterAll(async () => {
  await query('postgres', `drop role "${role}"; drop role "${other}"`)
})
beforeEach(async () => {
  await query('postgres', `create database "${database}" owner "${role}"`)
  await query(
    database,
    'create table item (id serial primary key, name text); create table untouched (id serial); insert into untouched values (77)',
  )
  await query(database, `grant all on item, item_id_seq to "${role}"`)
})
afterEach(() => query('postgres', `drop database "${database}" with (force)`))

interface Seeded {
  exitCode: number | undefined
  warnings: string[]
  tables: Record<string, number>
}

/** Seeds with the text as the role that owns nothing but the database. */
async function seed(text: string, ...flags: string[]): Promise<Seeded> {
  const file = join(folder, 'seed.sql')
  await writeFile(file, text)
  const env = {CONNECTION_URL: urlAs(role, database)}
  const result = await cli(['seed', '--file', file, '--json', ...flags], {env})
  const {warnings, result: seeded} = json(result)
  const rows = (seeded?.['tables'] ?? []) as {schema: string; table: string; rows: number}[]
  return {exitCode: result.exitCode, warnings, tables: Object.fromEntries(rows.map((row) => [row.table, row.rows]))}
}

const next = async (sequence: string): Promise<number> => {
  const [row] = await query<{n: string}>(database, `select nextval('${sequence}') as n`)
  return Number(row?.n)
}
const insert = "insert into item values (41, 'x');"
const ways: [string, string, string, string[]][] = [
  ['in one transaction', '', '', []],
  ['with a COMMIT of its own', 'begin;', 'commit;', []],
  ['with a COMMIT and more', '', 'commit; select 1;', []],
  ['without a transaction', '', '', ['--no-transaction']],
]

describe.each(ways)('after a seed %s', (_way, before, after, flags) => {
  const run = (text: string): Promise<Seeded> => seed(before + text + after, ...flags)

  it('only the tables that it has changed are looked at', async () => {
    await withConnection(database, async (client) => {
      await client.query('create temporary table theirs (id serial); insert into theirs values (5)')
      expect(await run(insert)).toEqual({exitCode: 0, warnings: [], tables: {item: 1}})
    })
    expect([await next('item_id_seq'), await next('untouched_id_seq')]).toEqual([42, 1])
  })

  it('what the role may not do is a warning, and everything else is done', async () => {
    await query(
      database,
      `create table closed (id serial, name text); grant insert on closed to "${role}"; create table half (id serial); grant all on half to "${role}"`,
    )
    const {exitCode, warnings, tables} = await run(
      `insert into closed values (9, 'x'); insert into half values (9); ${insert}`,
    )
    expect(exitCode).toBe(0)
    expect(warnings).toEqual([
      'The sequence public.closed_id_seq was not moved: permission denied for sequence closed_id_seq (SQLSTATE 42501).',
      'The sequence public.half_id_seq was not moved: permission denied for sequence half_id_seq (SQLSTATE 42501).',
      'The rows of public.closed were not counted: permission denied for table closed (SQLSTATE 42501).',
    ])
    expect(tables).toEqual({half: 1, item: 1})
    expect([await next('item_id_seq'), await next('half_id_seq')]).toEqual([42, 1])
    expect(await query(database, 'select id from closed')).toEqual([{id: 9}])
  })

  it('rows that row-level security hides are not taken for none', async () => {
    await query(
      database,
      `create table tenant (id serial, name text); alter table tenant enable row level security;
      create policy mine on tenant using (name = 'mine') with check (true); grant all on tenant, tenant_id_seq to "${role}"`,
    )
    const {exitCode, warnings, tables} = await run(`insert into tenant values (9, 'theirs'); ${insert}`)
    expect(exitCode).toBe(0)
    expect(warnings).toEqual([
      'The sequence public.tenant_id_seq was not moved: row-level security may hide rows of public.tenant from this role.',
      'The rows of public.tenant were not counted: row-level security may hide rows from this role.',
    ])
    expect(tables).toEqual({item: 1})
    expect([await next('item_id_seq'), await next('tenant_id_seq')]).toEqual([42, 1])
  })

  it('the role is that of the login, whatever the file has become', async () => {
    await query(database, `grant insert on item to "${other}"`)
    expect(await run(`set role "${other}"; ${insert}`)).toEqual({exitCode: 0, warnings: [], tables: {item: 1}})
    expect(await next('item_id_seq')).toBe(42)
  })
})

describe('a sequence', () => {
  it('is left alone where the highest value is the end of it or of its column', async () => {
    await query(
      database,
      `create table ends (small smallserial, plain serial, big bigserial, short bigint generated by default as identity (maxvalue 99))`,
    )
    await query(database, `alter table ends alter small type bigint; alter table ends owner to "${role}"`)
    const {exitCode, warnings} = await seed(
      'insert into ends values (32767, 2147483647, 9223372036854775807, 9223372036854775807);',
    )
    expect({exitCode, warnings}).toEqual({exitCode: 0, warnings: []})
    for (const column of ['small', 'plain', 'big', 'short']) expect(await next(`ends_${column}_seq`)).toBe(1)
  })

  it('is left alone, with a warning, where values are beyond its bounds', async () => {
    await query(
      database,
      `create table ends (id serial, small smallint default 1); alter table ends alter id type bigint; alter table ends owner to "${role}"`,
    )
    const {exitCode, warnings, tables} = await seed('insert into ends values (3000000000);')
    expect({exitCode, tables}).toEqual({exitCode: 0, tables: {ends: 1}})
    expect(warnings).toEqual([
      'The sequence public.ends_id_seq was not moved: public.ends.id has values above the maximum of the sequence, 2147483647.',
    ])
  })

  it('of a partitioned table or an inheritance parent goes past what its parts hold', async () => {
    await query(
      database,
      `create table parts (id bigserial, at int) partition by range (at); create table parts_1 partition of parts for values from (0) to (9) partition by range (at);
      create table parts_11 partition of parts_1 for values from (0) to (5); create table parent (id serial); create table child () inherits (parent)`,
    )
    await query(
      database,
      `alter table parts owner to "${role}"; alter table parts_1 owner to "${role}"; alter table parts_11 owner to "${role}"; alter table parent owner to "${role}"; alter table child owner to "${role}"`,
    )
    const seeded = await seed('insert into parts_11 values (30, 1); insert into child values (50);')
    expect(seeded).toEqual({exitCode: 0, warnings: [], tables: {parts_11: 1, child: 1}})
    expect([await next('parts_id_seq'), await next('parent_id_seq')]).toEqual([31, 51])
  })
})

it.each([
  ['in one transaction', insert],
  ['with a COMMIT of its own', `begin; ${insert} commit;`],
])('a server that counts nothing does not make a seed %s fail', async (_way, text) => {
  await query('postgres', `alter database "${database}" set track_counts = off`)
  expect(await seed(text)).toMatchObject({exitCode: 0})
  expect(await query(database, 'select name from item')).toEqual([{name: 'x'}])
  if (!text.startsWith('begin')) expect(await next('item_id_seq')).toBe(42)
})

it('what one file has committed and another not yet is looked at', async () => {
  await query(database, `create table second (id serial); alter table second owner to "${role}"`)
  const seeds = join(folder, 'seeds')
  await mkdir(seeds, {recursive: true})
  await writeFile(join(seeds, '1.sql'), `begin; ${insert} commit;`)
  await writeFile(join(seeds, '2_second.csv'), 'id\n8\n')
  const {result, warnings} = json(
    await cli(['seed', '--file', seeds, '--json'], {env: {CONNECTION_URL: urlOf(database)}}),
  )
  expect(warnings).toEqual([])
  expect(result?.['tables']).toEqual([
    {schema: 'public', table: 'item', rows: 1},
    {schema: 'public', table: 'second', rows: 1},
  ])
  expect([await next('item_id_seq'), await next('second_id_seq')]).toEqual([42, 9])
})

it('what a file has committed stays a success, whatever fails afterwards', async () => {
  const {exitCode, warnings} = await seed(
    `begin; ${insert} commit; set default_transaction_read_only = on; set statement_timeout = '5s';`,
  )
  expect(exitCode).toBe(0)
  expect(warnings).toEqual([
    'The sequence public.item_id_seq was not moved: cannot execute setval() in a read-only transaction (SQLSTATE 25006).',
  ])
})
