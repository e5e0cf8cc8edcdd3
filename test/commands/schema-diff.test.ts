import {execFileSync} from 'node:child_process'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, inject, it} from 'vitest'
import {cli, type CliOptions, type CliResult, json, start} from '../support/cli.js'
import {databaseExists, query, uniqueName, untilRows, urlOf} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

const database = uniqueName('diffed')
let folder = ''

const schema = `
  create table users (id int generated always as identity primary key, handle text not null);
  create index users_handle on users (handle);
  create view handles as select handle from users;`

beforeAll(async () => {
  await query('postgres', `create database "${database}"`)
  await query(database, schema)
})
afterAll(() => query('postgres', `drop database "${database}" with (force)`))
beforeEach(async () => {
  folder = folderOfTest()
  await mkdir(join(folder, 'sql'))
})

const options = (): CliOptions => ({
  env: {CONNECTION_URL: urlOf(database), CRUDDUR_DB_HOME: inject('serverHome')},
  cwd: folder,
})

async function diff(text: string, ...args: string[]): Promise<CliResult> {
  await writeFile(join(folder, 'sql', 'schema.sql'), text)
  return cli(['schema:diff', ...args], options())
}

describe('schema:diff', () => {
  it('says that the schemas are the same, also when the file is not loaded again', async () => {
    for (let time = 0; time < 2; time += 1)
      expect(await diff(schema)).toMatchObject({
        exitCode: 0,
        stdout: 'local and sql/schema.sql have the same schema.',
      })
  })

  it('lists what is only in one of them, and the lines that differ', async () => {
    const {exitCode, stdout, stderr} = await diff(`
      create table users (id int generated always as identity primary key, handle text, born date);
      create view handles as select handle from users;
      create table "More" ();
      comment on table users is 'People';`)
    expect(exitCode).toBe(9)
    expect(stdout).toBe(
      [
        '+ only in sql/schema.sql: table public.More',
        '+ only in sql/schema.sql: comment on table public.users',
        '~ table public.users: - local, + sql/schema.sql',
        '    CREATE TABLE public.users (',
        '        id integer NOT NULL',
        '  -     handle text NOT NULL',
        '  +     handle text',
        '  +     born date',
        '    );',
        '- only in local: index public.users_handle',
      ].join('\n'),
    )
    expect(stderr).toContain('Error: 4 differences: 1 only in local, 2 only in sql/schema.sql, 1 not the same in both.')
  })

  it('has them in JSON, and tells an order of columns', async () => {
    const moved = schema.replace(
      /id int.*primary key, handle text not null/,
      'handle text not null, id int generated always as identity primary key',
    )
    const {error} = json(await diff(moved, '--json'))
    expect(error).toMatchObject({
      code: 'schema_differs',
      exit_code: 9,
      details: {
        a: 'local',
        b: 'sql/schema.sql',
        differences: [{object: 'table public.users', in: 'both', orderOnly: true}],
        skipped: [],
      },
    })
  })

  it('compares files with each other, folders by their schema, and a file with local', async () => {
    await writeFile(join(folder, 'other.sql'), `${schema} create sequence s;`)
    const between = await diff(schema, '.', 'other.sql')
    expect(between).toMatchObject({exitCode: 9, stdout: '+ only in other.sql: sequence public.s'})
    expect(await diff('', 'other.sql')).toMatchObject({exitCode: 9, stdout: '+ only in other.sql: sequence public.s'})
    expect(await diff('', 'local', 'local')).toMatchObject({exitCode: 0})
  })

  // Windows has no pipes with a path.
  it.skipIf(process.platform === 'win32')('reads a pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.sql')])
    const running = start(['schema:diff', 'pipe.sql'], options())
    await writeFile(join(folder, 'pipe.sql'), `${schema} create sequence s;`)
    expect(await running).toMatchObject({exitCode: 9, stdout: '+ only in pipe.sql: sequence public.s'})
  })

  it('prints no URL', async () => {
    const {exitCode, stdout, stderr} = await diff(schema, 'postgres://ada:secret@host/shop')
    expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''})
    expect(stderr).not.toContain('secret')
  })

  it('compares owners and privileges if they are asked for', async () => {
    const text = `${schema} grant select on users to public;`
    expect(await diff(text)).toMatchObject({exitCode: 0})
    expect(await diff(text, '--owners')).toMatchObject({
      exitCode: 9,
      stdout: '+ only in sql/schema.sql: privileges on table public.users',
    })
  })

  it('says what it could not compare, and never that the schemas are the same then', async () => {
    const lacking = `${schema}
      create extension "not there";
      create table places (at "not there".geometry);
      create index on places (at);
      grant select on users to nobody_here;`
    const {exitCode, stdout, stderr} = await diff(lacking)
    expect(exitCode).toBe(9)
    expect(stdout).toMatch(
      /^not compared: sql\/schema.sql:5: create extension "not there";\n {2}.*not available.*\nnot compared: sql\/schema.sql:6: create table places .*\n.*\nnot compared: sql\/schema.sql:7: create index on places \(at\);\n.*$/,
    )
    expect(stderr).toContain('No difference was found. 3 statements could not be compared.')
  })

  it('shows a mistake in the file with its place', async () => {
    const failed = await diff(`${schema}\ncreat table x ();`, '--json')
    expect(json(failed).error).toMatchObject({
      code: '42601',
      exit_code: 6,
      details: {place: {file: 'sql/schema.sql', line: 5}},
    })
  })

  it('runs nothing that is about other databases or the server', async () => {
    const [made, other] = [uniqueName('made'), uniqueName('other')]
    await query('postgres', `create database ${other}`)
    const text = `${schema}
      create database ${made};
      alter database ${other} set work_mem = '5MB';
      comment on database ${database} is 'changed';
      \\c ${other}
      alter system set work_mem = '6MB';`
    expect(await diff(text)).toMatchObject({exitCode: 0})
    expect(await databaseExists(made)).toBe(false)
    const rows = await query(
      'postgres',
      `select shobj_description(d.oid, 'pg_database') as comment, setconfig from pg_database d left join pg_db_role_setting on setdatabase = d.oid where datname = any($1)`,
      [[other, database]],
    )
    await query('postgres', `drop database ${other}`)
    expect(rows).toEqual([
      {comment: null, setconfig: null},
      {comment: null, setconfig: null},
    ])
  })

  it('removes its database after Ctrl-C, and what a killed one has left, but nothing that only looks like it', async () => {
    const [left, foreign] = ['cruddur_db_scratch_000000000001', 'cruddur_db_scratch_000000000002']
    for (const name of [left, foreign]) await query('postgres', `create database ${name}`)
    await query(
      'postgres',
      `do $$ begin execute (select format('comment on database ${left} is %L', '[cruddur-db ' || json_build_object('state', 'scratch', 'name', '${left}', 'oid', oid::bigint, 'server', (select system_identifier::text from pg_control_system()), 'at', '2026-01-01T00:00:00.000Z') || ']') from pg_database where datname = '${left}'); end $$`,
    )
    await writeFile(join(folder, 'sql', 'schema.sql'), 'select pg_sleep(100);')
    const running = start(['schema:diff'], options())
    const [session] = await untilRows<{datname: string}>(
      'postgres',
      "select datname from pg_stat_activity where datname like 'cruddur_db_scratch_%' and wait_event = 'PgSleep'",
    )
    running.kill('SIGINT')
    expect((await running).exitCode).toBe(130)
    expect([await databaseExists(session?.datname ?? ''), await databaseExists(left)]).toEqual([false, false])
    expect(await databaseExists(foreign)).toBe(true)
    await query('postgres', `drop database ${foreign}`)
  })
})
