import {readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeEach, describe, expect, inject, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {Migrations, up, version} from '../support/migrations.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {withTerminal} from '../support/terminal.js'

const folder = temporaryFolder()
const its = new Migrations(uniqueName('changed'), folder)
const env = {
  ...{CONNECTION_URL: urlOf(its.database), STAGING_CONNECTION_URL: urlOf(its.database)},
  CRUDDUR_DB_HOME: inject('serverHome'),
}
const run = (...args: string[]): Promise<CliResult> => cli(args, {env, cwd: folder})

const users = 'create table users (id serial primary key, name text);'
const wanted = (sql: string): Promise<void> => writeFile(join(folder, 'sql', 'schema.sql'), sql)

/** The files that the command has written, without the first, by the ends of their names. */
async function written(): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, 'sql', 'migrations'))).sort().slice(1)
  const texts = await Promise.all(names.map((name) => readFile(join(folder, 'sql', 'migrations', name), 'utf8')))
  return Object.fromEntries(names.map((name, index) => [name.replace(/^\d{14}_/, ''), texts[index] ?? '']))
}

beforeEach(async () => {
  await its.empty()
  await its.write({1: up(users)})
  await rm(join(folder, 'sql', 'schema.sql'), {force: true})
})
afterAll(() => its.drop())

describe('migrate:new --diff', () => {
  it('writes what leads to sql/schema.sql, in files that migrate and migrate:down run, and then there is nothing more', async () => {
    await its.apply()
    await its.ask("insert into users (name) values ('Ada')")
    await wanted(
      `${users.replace(');', ", email text not null default 'none');")} create index users_name on users (name);`,
    )
    const first = await run('migrate:new', 'add email', '--diff')
    expect(first).toMatchObject({exitCode: 0, stderr: ''})
    expect(first.stdout).toMatch(
      /^Wrote sql\/migrations\/\d{14}_add_email\.sql\nWrote sql\/migrations\/\d{14}_add_email_online\.sql\n/,
    )
    expect(first.stdout).toContain('ALTER TABLE public.users ADD COLUMN email text NOT NULL DEFAULT')
    expect(first.stdout).toContain('Locks users against reads and writes.')
    expect(first.stdout).toMatch(
      /\nProved on a copy with sample rows: it makes the schema of sql\/schema\.sql, no row is lost, and the down undoes it\.$/,
    )
    expect(await written()).toEqual({
      'add_email.sql':
        "-- migrate:up\nALTER TABLE public.users ADD COLUMN email text NOT NULL DEFAULT 'none'::text;\n\n" +
        '-- migrate:down\nALTER TABLE public.users DROP COLUMN email;\n',
      'add_email_online.sql':
        '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY users_name ON public.users USING btree (name);\n\n' +
        '-- migrate:down\nDROP INDEX public.users_name;\n',
    })
    expect(await run('migrate:new', 'again', '--diff')).toEqual({
      exitCode: 0,
      stdout: 'sql/migrations and sql/schema.sql have the same schema.',
      stderr: '',
    })
    expect(await run('migrate:check')).toMatchObject({exitCode: 0})
    expect(await run('migrate')).toMatchObject({exitCode: 0})
    expect(await its.ask('select name, email from users')).toEqual([{name: 'Ada', email: 'none'}])
    expect(await run('migrate:down', 'local', '2')).toMatchObject({exitCode: 0})
    expect(await its.ask('select * from users')).toEqual([{id: 1, name: 'Ada'}])
  })

  it('asks for every loss, and takes the answers as flags', async () => {
    await wanted('create table users (id serial primary key, full_name text);')
    const {error} = json(await run('migrate:new', 'rename', '--diff', '--json'))
    expect(error).toMatchObject({
      ...{code: 'choice_missing', exit_code: 2},
      next: ['To answer, add: --rename users.name:users.full_name, or --drop users.name, or --keep users.name'],
      details: {losses: [{name: 'users.name', column: true, alike: ['users.full_name']}]},
    })
    for (const [flags, code] of [
      [['--rename', 'users.name:users.nothing'], 'choice_unknown'],
      [['--rename', 'users.name'], 'choice_unknown'],
      [['--drop', 'users.name', '--drop', 'users.id'], 'choice_unknown'],
      [['--keep', 'name'], 'choice_missing'],
    ] as const)
      expect(json(await run('migrate:new', 'x', '--diff', '--json', ...flags)).error).toMatchObject({
        code,
        exit_code: 2,
      })
    await wanted("create table users (id serial primary key, name text generated always as ('x') stored);")
    expect(json(await run('migrate:new', 'x', '--diff', '--json', '--keep', 'users.name')).error).toMatchObject({
      message: 'The new schema does not have the values of users.name. Say what becomes of it. Nothing was written.',
      next: ['To answer, add: --drop users.name'],
    })
    expect(await written()).toEqual({})
    await wanted('create table users (id serial primary key, full_name text);')
    expect(await run('migrate:new', 'rename', '--diff', '--rename', 'users.name:users.full_name')).toMatchObject({
      exitCode: 0,
    })
    expect(await written()).toEqual({
      'rename.sql':
        '-- migrate:up\nALTER TABLE public.users RENAME COLUMN name TO full_name;\n\n' +
        '-- migrate:down\nALTER TABLE public.users RENAME COLUMN full_name TO name;\n',
    })
  })

  it.each([
    ['x\rd', 'DROP COLUMN name'],
    ['K', 'ADD COLUMN full_name text'],
  ])('asks on a terminal: %j', async (keys, expected) => {
    await wanted('create table users (id serial primary key, full_name text);')
    await withTerminal(['migrate:new', 'asked', '--diff'], {env, cwd: folder}, async (terminal) => {
      const shown = await terminal.until('r, d, k?')
      expect(shown).toContain(
        'The new schema does not have the column users.name.\n  r  rename it to users.full_name\n  d  drop it with its values\n  k  keep it\n',
      )
      terminal.type(`${keys}\r`)
      expect(await terminal.exit).toBe(0)
    })
    expect((await written())['asked.sql']).toContain(expected)
  })

  it('writes nothing after Ctrl-C or Ctrl-D at the question', async () => {
    await wanted('create table users (id serial primary key, full_name text);')
    for (const key of ['\x03', '\x04'])
      await withTerminal(['migrate:new', 'asked', '--diff'], {env, cwd: folder}, async (terminal) => {
        await terminal.until('r, d, k?')
        terminal.type(key)
        expect(await terminal.exit).toBe(130)
      })
    expect(await written()).toEqual({})
  })

  it('marks what is not proved where it is to be completed, with exit code 9, and stops there if rows would be lost', async () => {
    await its.apply()
    await its.ask("insert into users (name) values ('Ada')")
    await wanted('create table users (id serial primary key, email text not null, name text);')
    const {exitCode, stdout, stderr} = await run('migrate:new', 'email', '--diff')
    expect(exitCode).toBe(9)
    expect(stdout.replaceAll('\n', ' ')).toContain('The rows of public.users need a value in the new column email')
    expect(stdout.replaceAll('\n', ' ')).toContain('The columns of users are in another order')
    expect(stderr).toBe('Error: 2 places not proved.\n  Complete the places marked NOT PROVED in the files.')
    expect(await written()).toEqual({
      'email.sql':
        '-- migrate:up\nALTER TABLE public.users ADD COLUMN email text;\n' +
        '-- NOT PROVED: The rows of public.users need a value in the new column email, which takes no NULL. Complete this:\n' +
        '-- UPDATE public.users SET email = … WHERE email IS NULL;\n' +
        '-- ALTER TABLE public.users ALTER COLUMN email SET NOT NULL;\n' +
        '-- NOT PROVED: The columns of users are in another order: new columns come last. Move them in the file, or rebuild the table with --rebuild users.\n\n' +
        '-- migrate:down\nALTER TABLE public.users DROP COLUMN email;\n',
    })
    await its.write({1: up(users)})
    expect(await run('migrate:new', 'email', '--diff', '--rebuild', 'users')).toMatchObject({exitCode: 9})
    expect(await run('migrate')).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('This would lose rows: complete the places marked NOT PROVED first.') as string,
    })
    expect(await its.ask('select name from users')).toEqual([{name: 'Ada'}])
  })

  it('with --from reads the database: which losses have rows, and which rows are in the way', async () => {
    await its.ask(`${users} insert into users (name) values ('a'), ('a'); create table old (n int); create table filled (n int);
      insert into filled values (1)`)
    await wanted('create table users (id serial primary key, name text not null unique);')
    const {error} = json(await run('migrate:new', 'x', '--diff', '--from', 'staging', '--json'))
    expect(error?.details).toMatchObject({losses: [{name: 'filled'}]})
    const result = await run('migrate:new', 'x', '--diff', '--from', 'staging', '--drop', 'filled')
    expect(result.exitCode).toBe(9)
    expect(result.stdout.replaceAll('\n', ' ')).toContain(
      'Not proved: Rows are in the way. Stops if two rows of public.users have the same name.',
    )
    expect(result.stdout).not.toContain('has no value')
    expect((await written())['x.sql']).toContain('DROP TABLE public.old;')
    expect(await its.ask('select count(*)::int as n from filled')).toEqual([{n: 1}])
  })

  it('begins with a baseline where there are no migrations: of the file, or of the database and what is missing', async () => {
    await its.write({})
    await wanted(`${users} create table posts (n int);`)
    expect(await run('migrate:new', 'x', '--diff')).toMatchObject({
      ...{exitCode: 0, stderr: expect.stringContaining('migrate:adopt --to') as string},
      stdout: expect.stringMatching(/^Wrote \S+_baseline\.sql\nIt has what sql\/schema\.sql has now\./) as string,
    })
    await its.write({})
    await its.ask(users)
    expect(await run('migrate:new', 'x', '--diff', '--from', 'staging')).toMatchObject({exitCode: 0})
    expect(await written()).toMatchObject({'x.sql': expect.stringContaining('CREATE TABLE public.posts') as string})
    expect(await run('migrate:check')).toMatchObject({exitCode: 0})
  })

  it('says what is wrong with what it reads', async () => {
    await wanted('create table users (id serial primary key, name text); select nothing;')
    expect(json(await run('migrate:new', 'x', '--diff', '--json')).error).toMatchObject({code: '42703', exit_code: 6})
    await rm(join(folder, 'sql', 'schema.sql'))
    expect(json(await run('migrate:new', 'x', '--diff', '--json')).error).toMatchObject({
      ...{code: 'schema_file_missing', exit_code: 3},
    })
    await wanted(users)
    expect(json(await run('migrate:new', '...', '--diff', '--json')).error).toMatchObject({exit_code: 2})
    expect(json(await run('migrate:new', 'x', '--from', 'staging', '--json')).error).toMatchObject({exit_code: 2})
    await its.write({1: up('create table users (id serial primary key); select nothing;')})
    expect(json(await run('migrate:new', 'x', '--diff', '--json')).error).toMatchObject({code: '42703', exit_code: 6})
  })
})

describe('schema:diff --sql', () => {
  it('prints the SQL, and nothing else on stdout', async () => {
    await its.apply()
    await wanted(`${users} create index users_name on users (name); create table posts (n int);`)
    const sql = 'CREATE TABLE public.posts (n integer);'
    const index = 'INDEX CONCURRENTLY users_name ON public.users USING btree (name);'
    const result = await run('schema:diff', '--sql')
    expect(result).toMatchObject({exitCode: 0, stdout: `BEGIN;\n${sql}\nCOMMIT;\n\nCREATE ${index}`})
    expect(result.stderr).toMatch(
      /Proved on a copy with sample rows: it makes the schema of sql\/schema\.sql, no row is lost\.$/,
    )
    const plain = await run('schema:diff', '--sql', '--plain', '--json')
    expect(json(plain).result).toMatchObject({
      ...{from: 'local', to: 'sql/schema.sql', open: [], conditions: [], skipped: []},
      steps: [{suffix: '', up: {transaction: true}, down: null}],
    })
    expect(json(await run('schema:diff', './sql/schema.sql', 'local', '--sql', '--json')).error).toMatchObject({
      code: 'choice_missing',
    })
    expect(await its.ask(`select to_regclass('posts') as posts, '${version(1)}' as v`)).toEqual([
      {posts: null, v: version(1)},
    ])
  })
})
