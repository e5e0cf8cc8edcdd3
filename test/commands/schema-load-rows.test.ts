import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {query, uniqueName, urlAs, urlOf, withConnection} from '../support/databases.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'
import {withTerminal} from '../support/terminal.js'

const database = uniqueName('rows')
const role = uniqueName('rows_role')
const words = `${database}@127.0.0.1`
const env = {CONNECTION_URL: urlOf(database)}
let folder: string

/** Tables with rows: users, shop."Orders", a partition and a child. Without: empty, once_filled. */
const tables = `
  create table users (id int);
  insert into users select generate_series(1, 1200);
  create schema shop;
  create table shop."Orders" (id int);
  insert into shop."Orders" values (1);
  create table events (at int) partition by range (at);
  create table events_1 partition of events for values from (0) to (10);
  insert into events values (1), (2);
  create table parent (n int);
  create table child () inherits (parent);
  insert into child values (1);
  create table empty (id int);
  create table once_filled (id int);
  insert into once_filled values (1);
  delete from once_filled;
  analyze users, child;`

beforeAll(() => query('postgres', `create role ${role} login password 'pw'`))
afterAll(() => query('postgres', `drop role ${role}`))
beforeEach(async () => {
  folder = folderOfTest()
  await query('postgres', `create database ${database}`)
  await withConnection(database, (client) => client.query(tables))
})
afterEach(async () => {
  await query('postgres', `drop database ${database} with (force)`)
})

async function load(schema: string, ...flags: string[]): Promise<CliResult> {
  await writeSql(folder, {schema})
  return cli(['schema:load', ...flags], {env, cwd: folder})
}

const users = (): Promise<{n: number}[]> =>
  query(database, "select count(*)::int as n from users where to_regclass('made') is null")
const untouched = [{n: 1200}]

describe('schema:load over tables that hold rows', () => {
  it('says which, and asks nothing where the file leaves them alone', async () => {
    const result = await load(`
      create table if not exists users (id int);
      drop table if exists empty, once_filled, nowhere;
      select 'drop table users'; -- drop table users
      /* truncate users; */
      create function clear() returns void language sql as $$ truncate users $$;
      do $$ begin drop table if exists another; end $$;`)
    expect(result).toMatchObject({exitCode: 0})
    expect(result.stderr).toContain(
      'These tables hold rows: users (about 1,200 rows), events_1 (about 2 rows), child (about 1 row), shop."Orders" (about 1 row).',
    )
  })

  it.each([
    ['drop table users', 'users (about 1,200 rows)'],
    ['create table made ();\r\nDROP TABLE IF EXISTS empty, "users" CASCADE;\r\n', 'users (about 1,200 rows)'],
    ['begin; create table made (); drop table users; commit;', 'users (about 1,200 rows)'],
    ['truncate once_filled, "shop"."Orders"', 'shop."Orders" (about 1 row)'],
    ['drop schema if exists shop cascade', 'shop."Orders" (about 1 row)'],
    ['drop table events', 'events_1 (about 2 rows)'],
    ['truncate parent', 'child (about 1 row)'],
    ['drop owned by current_user cascade', 'users (about 1,200 rows), events_1'],
    ["do $$begin execute 'drop table ' || 'users'; end$$", 'users (about 1,200 rows), events_1'],
    ['do $$begin drop table users; end$$', 'users (about 1,200 rows)'],
    ['create function begin() returns int language sql as $$select 1$$; drop table users;', 'users (about 1,200 rows)'],
  ])('refuses %j without a terminal before anything is run', async (schema, lost) => {
    const result = await load(schema)
    expect(result).toMatchObject({exitCode: 7, stdout: ''})
    expect(result.stderr).toContain(`sql/schema.sql drops or truncates ${lost}`)
    expect(result.stderr).toContain(
      `, and this was not confirmed. Nothing was changed.\n  To confirm, add: --force or --confirm ${words}`,
    )
    expect(await users()).toEqual(untouched)
  })

  it('refuses with --json and with other words too', async () => {
    const {error} = json(await load('drop table users', '--json'))
    expect(error).toMatchObject({code: 'not_confirmed', exit_code: 7, details: {confirm: words, protection: 'rows'}})
    expect(await load('drop table users', '--confirm', `${database}@elsewhere`)).toMatchObject({exitCode: 7})
    expect(await users()).toEqual(untouched)
  })

  it.each([['--force'], ['--confirm', words]])('goes on with %s %s', async (...flags) => {
    const result = await load('drop table users; create table made ();', ...flags)
    expect(result).toMatchObject({exitCode: 0})
    expect(result.stderr).toMatch(/(These tables hold rows:|drops or truncates) users/)
    expect(await query(database, "select to_regclass('users') as users, to_regclass('made')::text as made")).toEqual([
      {users: null, made: 'made'},
    ])
  })

  it('finds it in files that are included, packed, or large, and takes a pipe for the worst', async () => {
    await writeFile(join(folder, 'inner.sql'), 'drop table users;')
    await writeFile(join(folder, 'middle.sql'), 'select 1;\n\\ir inner.sql\n')
    expect(await load('create table made ();\n\\i middle.sql\n')).toMatchObject({exitCode: 7})
    await writeFile(join(folder, 'packed.sql.gz'), gzipSync('create table made (); drop table users;'))
    expect(await load('', '--file', 'packed.sql.gz')).toMatchObject({exitCode: 7})
    await writeFile(
      join(folder, 'large.sql'),
      `create table made ();\n${"select 'some text; that is long';\n".repeat(200_000)}drop table users;`,
    )
    expect(await load('', '--file', 'large.sql')).toMatchObject({exitCode: 7})
    const piped = await cli(['schema:load', '--file', '/dev/stdin'], {env, cwd: folder, input: 'select 1;'})
    expect(piped.exitCode).toBe(7)
    expect(await users()).toEqual(untouched)
    expect(await load('\\i sql/schema.sql\n')).toMatchObject({exitCode: 6})
    expect(await load('\\i nowhere.sql\ndrop table users;')).toMatchObject({exitCode: 3})
    expect(await load("create table made (); select 'open; drop table users;")).toMatchObject({exitCode: 6})
    expect(await users()).toEqual(untouched)
  })

  it('asks on a terminal, and runs the file once the words are typed', async () => {
    await writeSql(folder, {schema: 'drop table users; create table made ();'})
    for (const [typed, exitCode] of [
      ['yes\ryes', 7],
      [words, 0],
    ] as const) {
      await withTerminal(['schema:load'], {env, cwd: folder}, async (terminal) => {
        await terminal.until(`To confirm, type ${words}: `)
        expect(terminal.output()).toContain('drops or truncates users (about 1,200 rows)')
        expect(await users()).toEqual(untouched)
        terminal.type(`${typed}\r`)
        expect(await terminal.exit).toBe(exitCode)
      })
    }

    expect(await query(database, "select to_regclass('users') as users")).toEqual([{users: null}])
  })

  it('counts what it may not read, and lets nobody be stopped by it', async () => {
    await query(database, `grant create on schema public to ${role}`)
    const asRole = {env: {CONNECTION_URL: urlAs(role, database)}, cwd: folder}
    await writeSql(folder, {schema: 'create table own ();'})
    const result = await cli(['schema:load'], asRole)
    expect(result).toMatchObject({exitCode: 0})
    expect(result.stderr).toMatch(/These tables hold rows: users \(about 1,\d+ rows\), /)
    await writeSql(folder, {schema: 'drop table once_filled;'})
    expect(await cli(['schema:load'], asRole)).toMatchObject({exitCode: 7})
  })

  it('is asked once on a protected target, by the words alone', async () => {
    const prod = {PROD_CONNECTION_URL: urlOf(database)}
    await writeSql(folder, {schema: 'drop table users;'})
    expect(await cli(['schema:load', 'prod', '--force'], {env: prod, cwd: folder})).toMatchObject({exitCode: 7})
    expect(await users()).toEqual(untouched)
    const confirmed = await cli(['schema:load', 'prod', '--confirm', words], {env: prod, cwd: folder})
    expect(confirmed).toMatchObject({exitCode: 0})
    expect(confirmed.stderr.match(/drops or truncates/g)).toHaveLength(1)
    expect(confirmed.stderr).toContain('It drops or truncates users (about 1,200 rows).')
  })
})
