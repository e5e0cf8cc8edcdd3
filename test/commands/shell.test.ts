import {execa} from 'execa'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {cli, type CliResult, program} from '../support/cli.js'
import {query, uniqueName, withConnection} from '../support/databases.js'
import {shellFixture} from '../support/shell.js'

const fixture = shellFixture()
const run = (args: string[], input?: string): Promise<CliResult> =>
  cli(['connect', ...(args.length > 0 ? ['--', ...args] : [])], {env: fixture.env, cwd: fixture.folder, input})
const count = async (): Promise<number> => (await query(fixture.database, 'select 1 from users')).length

describe('the shell on a pipe', () => {
  it('takes variables, from its arguments too, and keeps them from one job to the next', async () => {
    const {stdout, exitCode} = await run([
      '-v',
      'a=1',
      '--set=b=x y',
      '-c',
      '\\set c :a',
      '-c',
      "select :c + 1 as n, :'b' as b \\gset",
      '-c',
      '\\echo :n :b :ROW_COUNT',
    ])
    expect({stdout, exitCode}).toEqual({stdout: '2 x y 1', exitCode: 0})
    const failed = await run([], '\\nothing ls\n')
    expect(failed).toMatchObject({exitCode: 6, stderr: expect.stringContaining('invalid command \\nothing') as string})
    expect((await run(['-c', 'select 1\\; select 2 as b;'])).stdout).toContain('(1 row)\n\n b')
  })

  it('says that it is not psql, and prints results as psql does, to stdout alone', async () => {
    const result = await run(
      [],
      'select id, handle, "Full Name" from users order by id;\nselect 1 as n -- the last needs no semicolon',
    )
    expect(result.stdout).toBe(
      ' id | handle | Full Name  \n----+--------+------------\n  1 | ada    | Ada Okafor\n  2 | bjorn  | \n(2 rows)\n\n n \n---\n 1\n(1 row)\n',
    )
    expect(result.exitCode).toBe(0)
    expect(result.stderr.split('\n').slice(1)).toEqual(['psql is not installed. This is the built-in SQL shell.'])
  })

  it('ends at the first error, with its place, and with 6', async () => {
    const before = await count()
    const result = await run([], "select 1;\n\n  select nope,\n 2;\ninsert into users values (7, 'late', null);\n")
    expect(result.exitCode).toBe(6)
    expect(result.stderr).toContain(
      'Error: column "nope" does not exist (SQLSTATE 42703)\n  stdin:3:10\n  3 |   select nope,\n               ^',
    )
    expect(await count()).toBe(before)
  })

  it('takes -c and -f, several and in their order, and a folder of files that include each other', async () => {
    await writeFile(join(fixture.folder, 'a.sql'), '\\echo from a\n\\ir sub/b.sql\n')
    await mkdir(join(fixture.folder, 'sub'), {recursive: true})
    await writeFile(join(fixture.folder, 'sub', 'b.sql'), '\\echo from b\nselect broken;\n')
    const result = await run(['-c', '\\echo one', '--command=\\echo two', '-c\\echo three', '--file', 'a.sql'])
    expect(result.stdout).toBe('one\ntwo\nthree\nfrom a\nfrom b')
    expect(result.exitCode).toBe(6)
    expect(result.stderr).toContain('b.sql:2:8')
    await writeFile(join(fixture.folder, 'sub', 'b.sql'), '\\i a.sql\n')
    expect(await run(['-f', 'a.sql'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('includes itself') as string,
    })
    expect(await run(['-f', 'nowhere.sql'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('nowhere.sql does not exist') as string,
    })
  })

  it.each([[['-l']], [['-c']], [['-Xd', 'other', '-c', 'select 1']], [['other_database']]])(
    'leaves %j to psql, and says how to install it',
    async (args) => {
      const result = await run(args)
      expect(result).toMatchObject({exitCode: 127, stdout: ''})
      expect(result.stderr).toContain('apt-get install postgresql-client')
      expect(result.stderr).toContain('-c SQL')
    },
  )

  it('copies in and out as the server has it', async () => {
    const script =
      'create temp table t (a int, b text);\ncopy t from stdin;\n1\ta\\tb\n2\t\\N\n\\.\ncopy t to stdout;\ncopy (select 1 where false) to stdout;\n'
    expect((await run([], script)).stdout).toBe('CREATE TABLE\nCOPY 2\n1\ta\\tb\n2\t\\N')
    const wrong = await run([], 'create temp table t (a int);\ncopy t from stdin;\nx\n\\.\n')
    expect(wrong).toMatchObject({exitCode: 6, stderr: expect.stringContaining('22P02') as string})
  })

  it('shows notices, and says what a backslash command is not', async () => {
    const noticed = await run(['-c', "do $$ begin raise notice 'one; two'; end $$"])
    expect(noticed).toMatchObject({
      exitCode: 0,
      stdout: 'DO',
      stderr: expect.stringContaining('NOTICE:  one; two') as string,
    })
    const unknown = await run(['-c', '\\watch 5'])
    expect(unknown).toMatchObject({exitCode: 6, stderr: expect.stringContaining('empty query') as string})
  })

  it('takes a million rows without keeping them', async () => {
    const all = {...fixture.env, NODE_OPTIONS: '--max-old-space-size=64'}
    const running = execa(
      process.execPath,
      [program, 'connect', '--', '-c', "select n, repeat('x', 200) from generate_series(1, 1000000) n"],
      {env: all, extendEnv: false, reject: false, buffer: false},
    )
    let bytes = 0
    running.stdout.on('data', (data: Buffer) => (bytes += data.length))
    expect((await running).exitCode).toBe(0)
    expect(bytes).toBeGreaterThan(200_000_000)
  })

  it('is read-only on a protected target until that was confirmed', async () => {
    const insert = ['--', '-c', "insert into users values (9, 'eve', null)"]
    const refused = await cli(['connect', 'prod', ...insert], {env: fixture.env})
    expect(refused).toMatchObject({exitCode: 6, stderr: expect.stringContaining('SQLSTATE 25006') as string})
    expect(await cli(['connect', 'prod', '--write', ...insert], {env: fixture.env})).toMatchObject({exitCode: 7})
    expect(await count()).toBe(2)
    const show = await cli(
      [
        'connect',
        'prod',
        '--',
        '-c',
        'show statement_timeout',
        '-c',
        'show idle_session_timeout',
        '-c',
        'show application_name',
      ],
      {env: fixture.env},
    )
    expect(show.stdout).toMatch(/30s[^]*30min[^]*cruddur-db connect/)
    const confirm = `${fixture.database}@127.0.0.1`
    expect(
      await cli(['connect', 'prod', '--write', '--confirm', confirm, '--', '-c', 'update users set id = id'], {
        env: fixture.env,
      }),
    ).toMatchObject({exitCode: 0, stdout: 'UPDATE 2'})
  })

  it('ends with 4 where it cannot connect, and where the connection is lost', async () => {
    expect(await cli(['connect'], {env: {...fixture.env, CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}})).toMatchObject(
      {exitCode: 4},
    )
    const lost = await run(['-c', 'select pg_terminate_backend(pg_backend_pid())', '-c', 'select 1'])
    expect(lost).toMatchObject({exitCode: 4, stdout: '', stderr: expect.stringContaining('was lost') as string})
  })
})

describe('backslash commands', () => {
  const odd = uniqueName('Odd "schema')
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
  beforeAll(async () => {
    await withConnection(fixture.database, async (client) => {
      await client.query(`create schema ${quoted(odd)};
        create table ${quoted(odd)}."Größe.x" (id bigint generated always as identity primary key, "Ü" text collate "C" default 'a', twice bigint generated always as (1 * 2) stored, check ("Ü" <> ''));
        create index on ${quoted(odd)}."Größe.x" (lower("Ü")) where id > 3;
        create table parted (at date not null, n int) partition by range (at);
        create table parted_2024 partition of parted for values from ('2024-01-01') to ('2025-01-01');
        create view shown as select id, handle from users;
        create materialized view kept as select count(*) from users;
        create function noted() returns trigger language plpgsql as 'begin return new; end';
        create trigger note before insert on users for each row execute function noted()`)
    })
  })

  it('describe relations of every kind, whatever their names', async () => {
    const {stdout} = await run([
      '-c',
      '\\d users',
      '-c',
      '\\d posts',
      '-c',
      `\\d ${quoted(odd)}."Größe.x"`,
      '-c',
      '\\d parted',
      '-c',
      '\\d parted_2024',
      '-c',
      '\\d+ shown',
      '-c',
      '\\d kept',
      '-c',
      '\\d users_pkey',
    ])
    for (const text of [
      'Table "public.users"',
      '"users_pkey" PRIMARY KEY, btree (id)',
      'TABLE "posts" CONSTRAINT "posts_user_id_fkey" FOREIGN KEY (user_id) REFERENCES users(id)',
      'note BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION noted()',
      'Foreign-key constraints:\n    "posts_user_id_fkey" FOREIGN KEY (user_id)',
      `Table "${odd}.Größe.x"`,
      'generated always as identity',
      'generated always as ((1 * 2)) stored',
      '| C         |',
      'WHERE id > 3',
      `CHECK ("Ü" <> ''::text)`,
      'Partitioned table "public.parted"',
      'Partition key: RANGE (at)',
      'Number of partitions: ',
      'Partition of: parted FOR VALUES FROM',
      'View "public.shown"',
      'View definition:\n SELECT id,',
      'Materialized view "public.kept"',
      'Index "public.users_pkey"',
      'primary key, btree, for table "public.users"',
    ])
      expect(stdout).toContain(text)
    expect(await run(['-c', '\\d nothing_such'])).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('Did not find any relation named "nothing_such"') as string,
    })
  })

  it('list what is there', async () => {
    const list = async (command: string): Promise<string> => (await run(['-c', command])).stdout
    expect(await list('\\d')).toMatch(
      /kept +\| materialized view[^]*parted +\| partitioned table[^]*shown +\| view[^]*users +\| table/,
    )
    expect(await list('\\dt us*')).toMatch(/^ *List of relations\n[^]*users[^]*\(1 row\)\n?$/)
    expect(await list('\\dt pg_catalog.pg_cl*')).toContain('pg_class')
    expect(await list('\\di')).toMatch(/users_pkey +\| index +\| postgres +\| users/)
    expect(await list('\\dv')).toContain('shown')
    expect(await list('\\dm')).toContain('kept')
    expect(await list('\\ds *.*')).toContain('Größe.x_id_seq')
    expect(await list('\\df')).toMatch(/noted +\| trigger/)
    expect(await list('\\dn')).toContain(odd)
    expect(await list('\\du')).toMatch(/postgres +\| Superuser/)
    expect(await list(`\\l ${fixture.database}`)).toMatch(new RegExp(`${fixture.database} +\\| postgres +\\| UTF8`))
    expect(await list('\\conninfo')).toContain(
      `Connected to database "${fixture.database}" as "postgres" at 127.0.0.1:`,
    )
    expect(await run(['-c', '\\dt nothing_such'])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Did not find any relation named "nothing_such".') as string,
    })
    expect(await list('\\?')).toContain('\\timing')
  })

  it('change how results are shown', async () => {
    const script =
      '\\x\nselect 1 as a, null as b;\n\\x off\n\\pset null none\nselect null as b;\nselect 2 as c \\gx\n\\timing on\nselect 3\n\\g\n'
    const {stdout} = await run([], script)
    expect(stdout.replace(/Time: [\d.]+ ms$/, 'Time')).toBe(
      'Expanded display is on.\n-[ RECORD 1 ]\na | 1\nb | \n\nExpanded display is off.\nNull display is "none".\n  b   \n------\n none\n(1 row)\n\n-[ RECORD 1 ]\nc | 2\n\nTiming is on.\n ?column? \n----------\n        3\n(1 row)\n\nTime',
    )
  })
})
