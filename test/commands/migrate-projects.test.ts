import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeEach, describe, expect, inject, it} from 'vitest'
import {newMigration} from '../../src/lib/migrations/new-migration.js'
import {cli, type CliResult, json} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlOf} from '../support/databases.js'
import {Migrations, up, version} from '../support/migrations.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

const database = uniqueName('projected')
const env = {
  CONNECTION_URL: urlOf(database),
  PROD_CONNECTION_URL: urlOf(database),
  CRUDDUR_DB_HOME: inject('serverHome'),
}
let folder: string
let its: Migrations
const run = (...args: string[]): Promise<CliResult> => cli(args, {env, cwd: folder})
const names = (): Promise<string[]> => readdir(join(folder, 'sql', 'migrations'))

beforeEach(() => {
  folder = folderOfTest()
  its = new Migrations(database, folder)
})
afterAll(() => its.drop())

describe('migrate:new', () => {
  const make = (name: string, now = '2026-03-04T05:06:07.890Z'): ReturnType<typeof newMigration> =>
    newMigration({cwd: folder, name, now: new Date(now), scratch: []})

  it('writes an empty file with a name of the words, and a version after the newest', async () => {
    expect(await make('Add email, to "Users".sql')).toEqual({
      file: 'sql/migrations/20260304050607_add_email_to_users.sql',
      version: '20260304050607',
      baseline: null,
    })
    expect(await readFile(join(folder, 'sql', 'migrations', '20260304050607_add_email_to_users.sql'), 'utf8')).toBe(
      '-- migrate:up\n\n\n-- migrate:down\n\n',
    )
    expect(await make('größer')).toMatchObject({
      version: '20260304050608',
      file: expect.stringContaining('_größer.sql') as string,
    })
    expect(await make('later', '2026-03-04T05:06:59Z')).toMatchObject({version: '20260304050659'})
    await expect(make(' /.. ')).rejects.toMatchObject({code: 'migration_name_invalid', exitCode: 2})
    await expect(make('x'.repeat(300))).rejects.toMatchObject({code: 'migration_name_invalid'})
    expect(await names()).toHaveLength(3)
    await writeFile(join(folder, 'sql', 'migrations', 'V1__a.sql'), '')
    await expect(make('more')).rejects.toMatchObject({code: 'migration_name_invalid', exitCode: 3})
  })

  it('never replaces a file, and says what it cannot write', async () => {
    await mkdir(join(folder, 'sql'))
    await writeFile(join(folder, 'sql', 'migrations'), 'a file')
    await expect(make('a')).rejects.toMatchObject({code: 'file_unwritable', exitCode: 3})
    expect(await readFile(join(folder, 'sql', 'migrations'), 'utf8')).toBe('a file')
  })
})

/** What a project begins with: it drops first, has settings, and depends on their order. */
const schema = `
  set client_min_messages = warning;
  drop table if exists posts, users;
  drop function if exists later();
  set check_function_bodies = off;
  create function later() returns bigint language sql as 'select count(*) from users';
  create schema if not exists "Odd one";
  create table users (id int generated always as identity primary key, handle text not null unique);
  create table posts (id bigserial primary key, author int references users, at timestamptz default now());
  create view recent as select * from posts where at > now() - interval '1 day';
  create table "Odd one".t (a int);
  comment on table users is 'People; -- migrate:down';`

describe('a project with a schema', () => {
  it('begins with a baseline, which is adopted where the tables are, and checked', async () => {
    await writeSql(folder, {schema})
    await its.empty()
    expect(await run('schema:load')).toMatchObject({exitCode: 0})
    const made = await run('migrate:new', 'add_email')
    expect(made.exitCode).toBe(0)
    expect(made.stdout).toMatch(
      /^Wrote sql\/migrations\/\d{14}_baseline\.sql\nWrote sql\/migrations\/\d{14}_add_email\.sql$/,
    )
    const [baseline = '', next = ''] = await names()
    expect(made.stderr).toContain(`cruddur-db migrate:adopt prod --to ${baseline.slice(0, 14)}`)
    const text = await readFile(join(folder, 'sql', 'migrations', baseline), 'utf8')
    expect(text).toMatch(/^-- What sql\/schema\.sql had when migrations began\.\n\n-- migrate:up\n/)
    expect(text).not.toMatch(/^SET (?!LOCAL)|DROP TABLE|dump complete|client_encoding/m)
    await writeFile(
      join(folder, 'sql', 'migrations', next),
      up('alter table users add email text;', 'alter table users drop email;'),
    )

    // The migration is not in the schema yet.
    const differs = await run('migrate:check')
    expect(differs).toMatchObject({exitCode: 9})
    expect(differs.stdout).toContain('~ table public.users: - sql/migrations, + sql/schema.sql')
    expect(differs.stdout).toContain('  -     email text')
    await writeSql(folder, {schema: schema.replace('not null unique)', 'not null unique, email text)')})
    const equal = await run('migrate:check')
    expect(equal).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/same schema\. The down undoes its up\. 1 migration without a down\.$/) as string,
    })

    const to = ['--to', baseline.slice(0, 14)]
    expect(await run('migrate:adopt', 'prod', ...to)).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining(
        `This records 1 migration as applied to ${database}. Nothing else is changed.`,
      ) as string,
    })
    expect(await its.ask("select to_regclass('schema_migrations') as t")).toEqual([{t: null}])
    expect(await run('migrate:adopt', 'prod', ...to, '--confirm', `${database}@127.0.0.1`)).toMatchObject({
      exitCode: 0,
      stdout: `Recorded 1 migration as applied to ${database}.`,
    })
    expect(await run('migrate:adopt', 'prod', ...to)).toMatchObject({
      exitCode: 0,
      stdout: `All of these migrations are recorded in ${database} already.`,
    })
    expect(json(await run('migrate', '--json')).result).toMatchObject({applied: [{version: next.slice(0, 14)}]})
    expect(await run('schema:diff')).toMatchObject({
      exitCode: 0,
      stdout: 'local and sql/schema.sql have the same schema.',
    })
  })

  it('is not adopted if it differs', async () => {
    await its.empty()
    await its.write({1: up('create table users (id int);'), 2: up('alter table users add email text;')})
    await its.ask('create table users (id bigint); create table more ()')
    const result = await run('migrate:adopt', '--to', version(2))
    expect(result).toMatchObject({exitCode: 9})
    expect(result.stdout).toContain(`- only in local: table public.more`)
    expect(result.stdout).toContain(`~ table public.users: - local, + the migrations up to ${version(2)}`)
    expect(result.stderr).toContain('Nothing was recorded.')
    expect(await its.ask("select to_regclass('schema_migrations') as t")).toEqual([{t: null}])
    expect(json(await run('migrate:adopt', '--to', version(2), '--json')).error).toMatchObject({
      code: 'schema_differs',
      exit_code: 9,
      details: {b: `the migrations up to ${version(2)}`},
    })
    await its.ask('drop table more; alter table users alter id type int')
    expect(json(await run('migrate:adopt', '--to', version(1), '--json')).result).toEqual({
      database,
      adopted: [version(1)],
    })
  })
})

describe('migrate:check', () => {
  it('finds downs that do not undo, or fail, and goes on after them', async () => {
    await its.write({
      1: up('create table a (n int);', 'drop table a;'),
      2: up('create table b (); create index i on a (n);', 'drop table b;'),
      3: up('create table c ();', 'drop table nothing;'),
      4: up('create table d ();', 'drop table d;'),
      5: up('insert into a values (1);'),
      6: '-- migrate:up transaction:false\ncreate index concurrently j on a (n);\n-- migrate:down transaction:false\ndrop index concurrently j;',
    })
    const {exitCode, stdout, stderr} = await run('migrate:check')
    expect(exitCode).toBe(9)
    expect(stdout).toContain(
      `The down of sql/migrations/${version(2)}_m2.sql does not undo its up:\n+ only in after the down: index public.i`,
    )
    expect(stdout).toContain(`The down of sql/migrations/${version(3)}_m3.sql fails: table "nothing" does not exist`)
    expect(stderr).toContain(
      'Error: 6 migrations run. There is no sql/schema.sql to compare with. 2 of 5 downs do not undo the up. 1 migration without a down.',
    )
    expect(json(await run('migrate:check', '--json')).error).toMatchObject({
      code: 'migrations_differ',
      exit_code: 9,
      details: {migrations: 6, downs: 5, downProblems: [{reason: null}, {differences: []}], schema: null},
    })
  })

  it('fails where an up fails, with its place', async () => {
    await its.write({1: up('create table a ();'), 2: up('create table b ();\ncreate table a ();')})
    expect(json(await run('migrate:check', '--json')).error).toMatchObject({
      code: '42P07',
      exit_code: 6,
      details: {place: {file: `sql/migrations/${version(2)}_m2.sql`, line: 3}},
    })
    await rm(join(folder, 'sql'), {recursive: true})
    expect(await run('migrate:check')).toMatchObject({exitCode: 3})
  })
})

it('migrate:check neither makes nor drops what belongs to the whole server', async () => {
  const [other, role] = [uniqueName('bystander'), uniqueName('role')]
  await query('postgres', `create database "${other}"`)
  try {
    await its.write({
      1: `-- migrate:up transaction:false\ndrop database "${other}";\ncreate role ${role};\n`,
      2: up(
        `create role ${role};\ncreate table a ();\ngrant select on a to ${role};`,
        `drop table a;\ndrop role ${role};`,
      ),
    })
    expect(await run('migrate:check')).toMatchObject({exitCode: 0})
    expect(await databaseExists(other)).toBe(true)
    expect(await query('postgres', 'select from pg_roles where rolname = $1', [role])).toEqual([])
  } finally {
    await query('postgres', `drop database if exists "${other}"`)
  }
})
