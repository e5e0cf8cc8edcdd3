import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {type AddressInfo, connect, createServer} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, type CliResult, json, start} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {folderOfTest, temporaryFolder} from '../support/temporary-folder.js'

const [local, source] = [uniqueName('pulled'), uniqueName('source')]
const folder = temporaryFolder()
const env = {CONNECTION_URL: urlOf(local), PROD_CONNECTION_URL: urlOf(source)}
const run = (...args: string[]): Promise<CliResult> => cli(args, {env, cwd: folder})
const pulled = async (...args: string[]) => json(await run('pull', 'prod', '--no-undo', '--json', ...args))
const put = (name: string, text: string): Promise<void> => writeFile(join(folder, 'sql', 'pull', `${name}.sql`), text)
const rows = (sql: string) => query<Record<string, unknown>>(local, sql)

/** Every text that must not come. */
const marker = 'SECRET'
const schema = `create type mood as enum ('ok', 'bad'); create domain short as varchar(20); create type place as (street text, n int);
  create table users (id bigint generated always as identity primary key, name text not null, email text unique, phone varchar(14),
    nick short, m mood default 'ok', home place, tags text[], prefs jsonb, initial text generated always as (left(name, 1)) stored);
  create table posts (id serial primary key, user_id bigint not null references users, parent int references posts, body text);
  create table likes (post_id int references posts on delete cascade, user_id bigint, n int default 7, primary key (post_id, user_id));
  create table countries (code char(2) primary key, label text);
  create table events (at date, note text) partition by range (at);
  create table events_old partition of events for values from ('2020-01-01') to ('2021-01-01');
  create table events_new partition of events default;
  create index on events (note); create view names as select name from users;
  create materialized view counted as select count(*) as n from users;
  create table schema_migrations (version varchar(128) primary key);
  create function refuse() returns trigger language plpgsql as $$begin raise exception 'no'; end$$`
const filled = `insert into users (name, email, phone, nick, home, tags, prefs)
    select '${marker}' || n, '${marker}' || n || '@x.org', '${marker}', '${marker}', row('${marker}', n)::place, array['${marker}'], '{"a": "${marker}"}'
    from generate_series(1, 50) as n;
  insert into posts (user_id, parent, body) select 1 + n % 50, nullif(n - 1, 0), '${marker} ' || n from generate_series(1, 200) as n;
  insert into likes (post_id, user_id) select n, 1 from generate_series(1, 200) as n; insert into countries values ('de', 'Germany'); insert into schema_migrations values ('1');
  insert into events values ('2020-05-05', '${marker}'), ('2026-01-01', '${marker}');
  create trigger tr before insert on posts for each row execute function refuse()`

const maskedUsers = `select id, 'User ' || id as name, id || '@example.com' as email, null as phone, 'x' as nick, m, null as home,
  '{}'::text[] as tags, '{}' as prefs from users`

beforeAll(async () => {
  for (const name of [local, source]) await query('postgres', `create database ${name}`)
  await query(source, `${schema}; ${filled}`)
})
beforeEach(async () => {
  await rm(join(folder, 'sql'), {recursive: true, force: true})
  await mkdir(join(folder, 'sql', 'pull'), {recursive: true})
})
afterAll(async () => {
  for (const {datname} of await query<{datname: string}>(
    'postgres',
    `select datname from pg_database where datname in ('${local}', '${source}') or datname like '${local}\\_%'`,
  ))
    await query('postgres', `drop database ${datname} with (force)`)
})

/** Runs `use` with a URL of the source through a proxy, and returns all that the source has sent. */
async function recorded(use: (url: string) => Promise<void>): Promise<string> {
  const parts: Buffer[] = []
  const {port} = new URL(urlOf(source))
  const server = createServer((client) => {
    const upstream = connect(Number(port), '127.0.0.1')
    upstream.on('data', (data) => void parts.push(data))
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one
        .on('error', () => undefined)
        .on('close', () => other.destroy())
        .pipe(other)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(urlOf(source))
  url.port = String((server.address() as AddressInfo).port)
  await use(url.href)
  server.close()
  return Buffer.concat(parts).toString('latin1')
}

describe('pull', () => {
  it('brings the schema without rows where there is no file, and keeps the old database', async () => {
    await query(local, 'create table mine as select 1 as n')
    const {exitCode, stdout} = await run('pull', 'prod')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^schema_migrations {2}1 row {2}as they are\nWithout rows: countries, events_new, events_old, likes, posts, users\. .*pull:new prod\n/,
    )
    expect(stdout).toContain(`${local} now has the schema and these rows of prod.`)
    expect(await rows('select count(*)::int as n from users')).toEqual([{n: 0}])
    expect(await rows('select version from schema_migrations')).toEqual([{version: '1'}])
    expect(await run('schema:diff', 'prod', 'local')).toMatchObject({exitCode: 0})
    expect(await run('undo')).toMatchObject({exitCode: 0})
    expect(await rows('select n from mine')).toEqual([{n: 1}])
  })

  it('runs the SELECTs on the source: nothing that they mask leaves it, and nothing is in any file or output', async () => {
    await put('users', maskedUsers)
    await put('posts', `select id, user_id, parent, 'Text' as body from posts`)
    await put('public.events', `select at, 'note' as note from events`)
    const home = folderOfTest()
    let output = ''
    const sent = await recorded(async (url) => {
      const {exitCode, stdout, stderr} = await cli(['pull', 'prod', '--table', 'countries', '--no-undo'], {
        env: {...env, PROD_CONNECTION_URL: url, TMPDIR: home, DEBUG: '*'},
        cwd: folder,
      })
      output = stdout + stderr
      expect(exitCode).toBe(0)
    })
    expect(output).toContain('sql/pull/users.sql')
    expect(sent).toContain('User 1\t')
    for (const text of [sent, output, (await run('dump')).stdout]) expect(text).not.toContain(marker)
    expect(await readdir(home).catch(() => [])).toEqual([])
    expect(await rows('select count(*)::int as n from events_old')).toEqual([{n: 1}])
    expect(await rows('select id::int, name, initial, nick from users order by id limit 1')).toEqual([
      {id: 1, name: 'User 1', initial: 'U', nick: 'x'},
    ])
    expect(await rows('select * from countries')).toEqual([{code: 'de', label: 'Germany'}])
    expect(await rows('select n::int from counted')).toEqual([{n: 50}])
  })

  it('removes rows whose parents were not pulled, also in cycles, sets sequences past the rest, and counts', async () => {
    await put('users', `${maskedUsers} where id <= :limit`)
    await put('posts', `select id, user_id, parent, 'Text' as body from posts`)
    await put('likes', 'select post_id, user_id from likes')
    const {result} = await pulled('--set', 'limit=20')
    expect(result).toMatchObject({
      tables: [
        {table: 'likes', rows: 200, file: 'sql/pull/likes.sql'},
        {table: 'posts', rows: 200},
        {table: 'users', rows: 20},
        {table: 'schema_migrations', rows: 1, file: null},
      ],
      pruned: [
        {table: 'public.posts', rows: 181},
        {table: 'public.likes', rows: 181},
      ],
    })
    expect(await rows('select count(*)::int as n, max(n)::int as default from likes')).toEqual([{n: 19, default: 7}])
    expect(await rows("select nextval('posts_id_seq')::int as post, nextval('users_id_seq')::int as user")).toEqual([
      {post: 20, user: 21},
    ])
    expect((await pulled('--set', 'limit=20', '--keep-orphans')).error).toMatchObject({
      ...{code: 'orphans', exit_code: 5},
      next: expect.arrayContaining([expect.stringContaining('120 of public.posts by posts_user_id_fkey')]) as unknown,
    })
  })

  it('brings everything as it is with --all', async () => {
    const {result} = await pulled('--all')
    expect(result).toMatchObject({empty: [], pruned: []})
    for (const table of ['users', 'posts', 'likes', 'countries', 'events_old', 'events_new'])
      expect(await rows(`select * from ${table} order by 1, 2`)).toEqual(
        await query(source, `select * from ${table} order by 1, 2`),
      )
  })

  it('changes nothing where a file is refused', async () => {
    await query(local, 'drop table if exists mine; create table mine as select 1 as n')
    await put('users', `with gone as (delete from likes returning *) ${maskedUsers}`)
    expect((await pulled()).error).toMatchObject({exit_code: 6})
    await put('users', 'select * from users')
    expect((await pulled()).error).toMatchObject({
      ...{code: 'pull_columns', exit_code: 3},
      message: 'sql/pull/users.sql: initial is generated, so it cannot be given. Nothing was pulled.',
    })
    expect(await rows('select n from mine')).toEqual([{n: 1}])
    expect(await query(source, 'select count(*)::int as n from likes')).toEqual([{n: 200}])
  })

  it.each([
    ['on the source', `select id, name::int::text as name, email, phone, nick, m, home, tags, prefs from users`],
    ['in an index', maskedUsers.replace("id || '@example.com'", `'${marker}'`)],
    ['in a constraint', maskedUsers.replace("'User ' || id", 'nullif(name, name)')],
  ])('shows no value of a row where one fails: %s', async (_, text) => {
    await put('users', text)
    for (const more of [['--json'], []]) {
      const failed = await cli(['pull', 'prod', ...more], {env: {...env, DEBUG: '*'}, cwd: folder})
      expect(failed.exitCode).toBe(6)
      expect(failed.stdout + failed.stderr).not.toContain(marker)
    }
  })

  it('names an extension that something uses and the local server does not have', async () => {
    // plpgsql, by another name.
    await query(source, "update pg_extension set extname = 'elsewhere' where extname = 'plpgsql'")
    const {error} = await pulled()
    await query(source, "update pg_extension set extname = 'plpgsql' where extname = 'elsewhere'")
    expect(error).toMatchObject({
      ...{code: 'extension_missing', exit_code: 5, details: {extensions: ['elsewhere']}},
      message: 'local does not have elsewhere. Nothing was changed.',
    })
  })

  it('goes from another database into local, and into nothing else', async () => {
    expect(json(await run('pull', 'local', '--json')).error).toMatchObject({code: 'pull_direction', exit_code: 2})
    expect(json(await run('pull', 'prod', '--into', 'staging', '--json')).error).toMatchObject({code: 'pull_direction'})
    const same = await cli(['pull', 'prod', '--json'], {env: {...env, PROD_CONNECTION_URL: urlOf(local)}, cwd: folder})
    expect(json(same).error).toMatchObject({code: 'pull_into_source', exit_code: 2})
    expect((await pulled('--table', 'nothing')).error).toMatchObject({code: 'table_unknown'})
    await run('protect')
    expect((await pulled()).error).toMatchObject({code: 'not_confirmed', exit_code: 7})
    expect((await pulled('--confirm', `${local}@127.0.0.1`)).error).toBeUndefined()
    expect(await run('unprotect', '--confirm', `${local}@127.0.0.1`)).toMatchObject({exitCode: 0})
  })

  it('leaves the old database or the whole new one, whenever it is killed', async () => {
    await query(local, 'drop schema public cascade; create schema public; create table mine as select 1 as n')
    for (const milliseconds of [200, 300, 400]) {
      const running = start(['pull', 'prod', '--all', '--no-undo'], {env, cwd: folder})
      setTimeout(() => running.kill('SIGKILL'), milliseconds)
      await running
      const [found] = await rows(
        "select to_regclass('mine') is not null as old, to_regclass('users') is not null as new",
      )
      expect(found).toEqual({old: found?.['old'], new: found?.['old'] !== true})
      if (found?.['old'] !== true) expect(await rows('select count(*)::int as n from posts')).toEqual([{n: 200}])
    }
    expect((await pulled('--all')).error).toBeUndefined()
    const left = await query('postgres', `select datname from pg_database where datname like '${local}\\_new\\_%'`)
    expect(left).toEqual([])
  })
})

describe('pull:new', () => {
  it('writes files that pull as they are, with masks for what looks personal, and overwrites none', async () => {
    await put('countries', 'select * from countries')
    const {stdout, exitCode} = await run('pull:new', 'prod')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Wrote sql/pull/users.sql, which masks name, email, phone, nick, home, tags, prefs.')
    expect(stdout).toContain('Left as they are: sql/pull/countries.sql.')
    expect(await readFile(join(folder, 'sql', 'pull', 'users.sql'), 'utf8')).toContain(
      "'User ' || left(md5(id::text), 6) as name, -- masked: a name\n",
    )
    expect((await pulled()).result).toMatchObject({empty: [], pruned: []})
    expect((await run('dump')).stdout).not.toContain(marker)
  })
})
