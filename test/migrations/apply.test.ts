import {afterAll, beforeEach, describe, expect, it} from 'vitest'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {query, uniqueName, urlAs, urlOf} from '../support/databases.js'
import {Migrations, up, version} from '../support/migrations.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
const its = new Migrations(uniqueName('applied'), folder)
const tables = async (): Promise<string[]> => {
  const rows = await its.ask<{name: string}>(
    "select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
  )
  return rows.map(({name}) => name)
}

beforeEach(() => its.empty())
afterAll(() => its.drop())

describe('migrate', () => {
  it('applies what is pending, in order, once, and records it', async () => {
    await its.write({
      2: up("insert into a values (1), (2);\nalter table a add b text default 'x';", 'alter table a drop b;'),
      1: up('create table a (id int)'),
    })
    const {result, said} = await its.apply()
    expect(result).toMatchObject({
      database: its.database,
      folder: 'sql/migrations',
      applied: [
        {version: version(1), file: `sql/migrations/${version(1)}_m1.sql`, statements: 1, rows: 0},
        {version: version(2), statements: 2, rows: 2},
      ],
      ...{pending: [], edited: [], plan: null, dryRun: false},
    })
    expect(said).toEqual([`applied sql/migrations/${version(1)}_m1.sql`, `applied sql/migrations/${version(2)}_m2.sql`])
    const rows = await its.ask(
      `select version, name, up, down, applied_by = session_user as by, now() - applied_at < interval '1 minute' as at,
       duration > interval '0' and duration < interval '1 minute' as took, length(checksum) as sum, statement, running
       from schema_migrations order by 1`,
    )
    expect(rows).toEqual([
      {
        ...{version: version(1), name: 'm1', up: '-- migrate:up\ncreate table a (id int)\n', down: null},
        ...{by: true, at: true, took: true, sum: 64, statement: null, running: null},
      },
      expect.objectContaining({name: 'm2', down: '-- migrate:down\nalter table a drop b;\n'}),
    ])
    expect(await its.apply()).toMatchObject({result: {applied: [], pending: [], edited: []}, said: []})
    await its.write({1: up('create table a (id bigint)'), 2: up('select 1'), 3: up('create table c ()')})
    expect(await its.apply()).toMatchObject({
      result: {applied: [{version: version(3)}], edited: [`sql/migrations/${version(1)}_m1.sql`, expect.any(String)]},
    })
  })

  it('keeps what came before a failure, says where it is, and goes on from there', async () => {
    await its.write({
      1: up('create table a ();'),
      2: up('create table b ();\n\n  create table c (d nothing);\ncreate table e ();'),
      3: up('create table f ();'),
    })
    const {error} = await its.apply()
    const file = `sql/migrations/${version(2)}_m2.sql`
    expect(error).toMatchObject({
      code: '42704',
      exitCode: 6,
      message: 'type "nothing" does not exist (SQLSTATE 42704)',
      next: [`Applied before, and kept: sql/migrations/${version(1)}_m1.sql`, 'Nothing else was changed.'],
      details: {
        place: {file, line: 4, column: 21, text: '  create table c (d nothing);'},
        applied: [{version: version(1), statements: 1}],
      },
    })
    expect(await its.recorded()).toEqual([version(1)])
    expect(await tables()).toEqual(['a', 'schema_migrations'])
    await its.write({1: up('create table a ();'), 2: up('create table b ();'), 3: up('create table f ();')})
    expect((await its.apply()).result?.applied).toHaveLength(2)
  })

  it('goes to a version, and back in time only if told', async () => {
    await its.write({1: up('create table a ();'), 2: up('create table b ();'), 3: up('create table c ();')})
    expect(await its.apply({to: version(2)})).toMatchObject({
      result: {applied: [{}, {}], pending: [`sql/migrations/${version(3)}_m3.sql`]},
    })
    await its.apply()
    await its.ask(`delete from schema_migrations where version = '${version(1)}'; drop table a`)
    expect(await its.apply()).toMatchObject({error: {code: 'migrations_out_of_order', exitCode: 5}})
    expect(await its.apply({outOfOrder: true})).toMatchObject({result: {applied: [{version: version(1)}]}})
  })

  it('runs what other files run: data, included files, functions, variables, notices', async () => {
    await mkdir(join(folder, 'sql', 'parts'), {recursive: true})
    await writeFile(
      join(folder, 'sql', 'parts', 'rows.sql'),
      "set search_path = elsewhere;\nset role pg_monitor;\ninsert into public.a values (4, 'd');\n",
    )
    await its.write({
      1: up(
        [
          'create table a (id int, b text);\ngrant insert on a to pg_monitor;\ncopy a from stdin;\n1\tx\\ty\n2\t\\N\n\\.',
          "do $$ begin raise notice 'seen'; raise warning 'careful'; end $$;",
          "\\set name three\ninsert into a values (3, :'name');\n\\ir ../parts/rows.sql",
        ].join('\n'),
      ),
      2: up('create table b as select current_user as who, current_schema as place;'),
    })
    const {result, said, error} = await its.apply()
    expect(error).toBeUndefined()
    expect(result?.applied).toMatchObject([{rows: 4, statements: 8}, {}])
    expect(said).toContain('NOTICE: seen')
    expect(said).toContain('WARNING: careful')
    expect(await its.ask('select * from a order by 1')).toEqual([
      {id: 1, b: 'x\ty'},
      {id: 2, b: null},
      {id: 3, b: 'three'},
      {id: 4, b: 'd'},
    ])
    expect(await its.ask('select * from b')).toEqual([{who: 'postgres', place: 'public'}])
    expect(await its.ask("select up like '%values (4%' as whole from schema_migrations limit 1")).toEqual([
      {whole: true},
    ])
  })

  it.each([
    ['search_path', 'create schema s; set search_path = s;'],
    ['role', 'set role pg_monitor;'],
    ['session', 'set session authorization pg_monitor;'],
    [
      'settings',
      "select set_config('search_path', 's', false); create temp table b (); set default_transaction_read_only = on;",
    ],
  ])('keeps what a migration has set away from its record and from the next: %s', async (_, statements) => {
    await its.write({1: up(statements), 2: up('create table b as select 1 as n;')})
    expect(await its.apply()).toMatchObject({result: {applied: [{}, {}]}})
    expect(await tables()).toEqual(['b', 'schema_migrations'])
    expect(await its.ask('select relowner::regrole::text as owner from pg_class where relname = $1', ['b'])).toEqual([
      {owner: 'postgres'},
    ])
  })

  it.each([
    ['a COMMIT', {2: up('create table b ();\ncommit;')}, 'migration_transaction'],
    ['nothing to run', {2: up('-- later')}, 'migration_empty'],
    ['no marker', {2: 'select 1;'}, 'migration_without_up'],
    ['a version twice', {[`${version(1)}_x.sql`]: up('select 1;')}, 'migration_version_twice'],
    ["another program's name", {'V2__b.sql': up('select 1;')}, 'migration_name_invalid'],
  ])('refuses a folder in which one has %s, before anything is run', async (_, files, code) => {
    await its.write({1: up('create table a ();'), ...files})
    expect(await its.apply()).toMatchObject({error: {code}})
    expect(await tables()).toEqual([])
  })

  it('rolls back one that ends its transaction in a file that it includes, or drops the record', async () => {
    await writeFile(join(folder, 'sql', 'commit.sql'), 'commit;')
    await its.write({1: up('create table a ();\n\\ir ../commit.sql')})
    expect(await its.apply()).toMatchObject({error: {code: 'migration_transaction'}})
    for (const statement of ['drop table schema_migrations;', 'set transaction read only;']) {
      await its.write({1: up(`create table a ();\n${statement}`)})
      expect(await its.apply()).toMatchObject({
        error: {
          code: 'migration_not_recorded',
          message: expect.stringMatching(
            /_m1\.sql was rolled back, because it could not be recorded in public\.schema_migrations/,
          ) as string,
        },
      })
    }
    expect(await tables()).toEqual(['schema_migrations'])
    expect(await its.recorded()).toEqual([])
  })

  it.each([
    ['\\connect postgres', 'script_psql_command'],
    ["select 'commit' \\gexec", 'migration_transaction'],
    ['do $$ begin commit; end $$;', '2D000'],
    ['create database x;', '25001'],
    ['\\! true', 'script_psql_command'],
  ])('does not leave its transaction by %j', async (statement, code) => {
    await its.write({1: up(`create table a ();\n${statement}`)})
    expect((await its.apply()).error).toMatchObject({code})
    expect(await tables()).toEqual(['schema_migrations'])
  })

  it('says what a migration needs that cannot be in a transaction', async () => {
    await its.write({1: up('create table a ();\nvacuum a;')})
    expect(await its.apply()).toMatchObject({
      error: {
        code: '25001',
        next: expect.arrayContaining([
          expect.stringMatching(/^Write transaction:false after the marker in sql\/migrations\/\d+_m1.sql/) as string,
        ]) as string[],
        details: {place: {line: 3}},
      },
    })
  })

  it('changes nothing with a dry run, and says what it could not measure', async () => {
    await its.write({1: up('create table a ();'), 2: up('create table b ();')})
    expect(await its.apply({dryRun: true, to: version(1)})).toMatchObject({
      result: {applied: [], dryRun: true, plan: null, pending: [expect.any(String), expect.any(String)]},
    })
    expect(await tables()).toEqual([])
  })

  it('records one that only prints something', async () => {
    await its.write({1: up('\\echo hello', '\\echo goodbye')})
    expect(await its.apply()).toMatchObject({result: {applied: [{statements: 0}], pending: []}})
    expect(await its.recorded()).toEqual([version(1)])
    expect((await its.down()).result?.undone).toMatchObject([{version: version(1)}])
    expect(await its.recorded()).toEqual([])
  })

  it('says that a session is read-only', async () => {
    await its.write({1: up('select 1;')})
    const readOnly = `${urlOf(its.database)}?options=-cdefault_transaction_read_only%3Don`
    expect(await new Migrations(its.database, folder, readOnly).apply()).toMatchObject({error: {code: '25006'}})
  })

  it('needs the right to make the table, and to use it', async () => {
    const role = uniqueName('poor')
    await query('postgres', `create role ${role} login password 'pw'`)
    const poor = new Migrations(its.database, folder, urlAs(role, its.database))
    await its.write({1: up('select 1;')})
    expect(await poor.apply()).toMatchObject({error: {code: '42501', exitCode: 6}})
    await its.apply()
    expect(await poor.apply()).toMatchObject({error: {code: '42501'}})
    expect(await its.recorded()).toEqual([version(1)])
    await query('postgres', `drop role ${role}`)
  })
})
