import {afterAll, beforeEach, describe, expect, it} from 'vitest'
import {query, uniqueName, urlAs, urlOf} from '../support/databases.js'
import {Migrations, up, version} from '../support/migrations.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
const its = new Migrations(uniqueName('recorded'), folder)

beforeEach(async () => {
  await its.empty()
  await its.write({1: up('create table a ();', 'drop table a;'), 2: up('create table b ();', 'drop table b;')})
})
afterAll(() => its.drop())

const create = 'create table schema_migrations (version character varying(128) not null primary key)'

describe('the table of dbmate', () => {
  it.each([
    ['as it is', create],
    ['of an older version', 'create table schema_migrations (version varchar primary key)'],
    [
      'with a column that may be empty',
      `${create}; alter table schema_migrations add note text default 'x', add more int`,
    ],
    ['with text', 'create table schema_migrations (version text primary key)'],
  ])('%s gets our columns, and keeps its rows', async (_, table) => {
    await its.ask(`${table}; insert into schema_migrations (version) values ('${version(1)}'); create table a ()`)
    expect((await its.status()).result?.migrations).toMatchObject([
      {state: 'applied', appliedAt: null, appliedBy: null, durationMs: null},
      {state: 'pending'},
    ])
    expect(await its.apply()).toMatchObject({result: {applied: [{version: version(2)}], edited: []}})
    // As dbmate does it.
    await its.ask(`insert into schema_migrations (version) values ('${version(3)}')`)
    const rows = await its.ask(
      'select version, name, applied_by, applied_at is null as old, checksum is null as bare from schema_migrations order by 1',
    )
    expect(rows).toEqual([
      {version: version(1), name: null, applied_by: null, old: true, bare: true},
      {version: version(2), name: 'm2', applied_by: 'postgres', old: false, bare: false},
      {version: version(3), name: null, applied_by: 'postgres', old: false, bare: true},
    ])
    // What another program has applied is undone by its file.
    await its.ask(`delete from schema_migrations where version = '${version(3)}'`)
    expect(await its.down({count: 2})).toMatchObject({result: {undone: [{version: version(2)}, {version: version(1)}]}})
    expect(await its.ask("select to_regclass('a') as a")).toEqual([{a: null}])
  })
})

describe('a table of that name', () => {
  it.each([
    ['Rails', `${create}; create table ar_internal_metadata ()`],
    ['golang-migrate', 'create table schema_migrations (version bigint primary key, dirty boolean not null)'],
    ['Ecto', 'create table schema_migrations (version bigint primary key, inserted_at timestamp)'],
    [null, "create view schema_migrations as select '1'::text as version"],
    [null, 'create materialized view schema_migrations as select 1 as version'],
    [null, 'create table schema_migrations (id int)'],
    [null, 'create table schema_migrations (version text primary key, author text not null)'],
  ])('of %s is refused', async (program, statements) => {
    await its.ask(statements)
    for (const run of [its.apply(), its.status(), its.down()])
      expect((await run).error).toMatchObject({code: 'migrations_table_foreign', exitCode: 5, details: {program}})
    expect(await its.ask("select to_regclass('a') as a")).toEqual([{a: null}])
  })

  it('in another schema is found if it has these migrations', async () => {
    await its.ask('create schema s')
    const inS = new Migrations(its.database, folder, `${urlOf(its.database)}?options=-csearch_path%3Ds`)
    expect(await inS.apply()).toMatchObject({result: {applied: [{}, {}]}})
    expect(
      await its.ask("select to_regclass('s.a')::text as a, to_regclass('s.schema_migrations')::text as t"),
    ).toEqual([{a: 's.a', t: 's.schema_migrations'}])
    for (const run of [its.apply(), its.status()])
      expect((await run).error).toMatchObject({
        code: 'migrations_elsewhere',
        next: ['To use that schema, add ?options=-csearch_path%3Ds to the URL.'],
        details: {schema: 's', expected: 'public'},
      })
    // Others of its own are no reason.
    await its.ask(`update s.schema_migrations set version = '2' || version`)
    expect(await its.apply()).toMatchObject({result: {applied: [{}, {}]}})
    const nowhere = new Migrations(its.database, folder, `${urlOf(its.database)}?options=-csearch_path%3Dnone`)
    expect(await nowhere.apply()).toMatchObject({error: {code: 'search_path_empty'}})
  })
})

describe('a role', () => {
  const role = uniqueName('stranger')
  beforeEach(() => query('postgres', `create role ${role} login password 'pw'`))
  const forget = async (): Promise<void> => {
    await its.drop()
    await query('postgres', `drop role if exists ${role}`)
  }

  it('whose table it is, and nobody trusts, is named before its triggers run', async () => {
    await its.ask(`grant create on schema public to ${role}`)
    await query(its.database, `set role ${role}; ${create}`)
    expect(await its.apply()).toMatchObject({
      error: {
        code: 'migrations_table_untrusted',
        message: expect.stringContaining(`public.schema_migrations belongs to the role ${role}`) as string,
        details: {owner: role},
      },
    })
    // The owner of the database, and the role itself, may.
    const own = new Migrations(its.database, folder, urlAs(role, its.database))
    expect(await own.apply()).toMatchObject({result: {applied: [{}, {}]}})
    await query('postgres', `alter database ${its.database} owner to ${role}`)
    expect(await its.apply()).toMatchObject({result: {applied: []}})
    await forget()
  })

  it('that may write to the table cannot bring a down of its own', async () => {
    await its.apply()
    await its.ask(`grant update on schema_migrations to ${role}; update schema_migrations set down = '-- migrate:down
      drop table a;' where version = '${version(2)}'`)
    expect(await its.down()).toMatchObject({error: {code: 'migrations_table_shared', details: {version: version(2)}}})
    expect(await its.ask("select to_regclass('a')::text as a")).toEqual([{a: 'a'}])
    await its.ask(`revoke update on schema_migrations from ${role}`)
    expect(await its.down()).toMatchObject({result: {undone: [{version: version(2)}]}})
    await forget()
  })
})
