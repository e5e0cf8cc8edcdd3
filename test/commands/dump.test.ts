import {execa} from 'execa'
import {readdir, readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {bareEnvironment, type CliResult, cli, json, program, type Running, start} from '../support/cli.js'
import {query, uniqueName, untilRows, urlAs, urlOf, withConnection} from '../support/databases.js'
import {everyKindOfData} from '../support/every-kind-of-data.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const database = uniqueName('shop')
const copy = uniqueName('copy')
const role = uniqueName('reader')
const folder = temporaryFolder()

beforeAll(async () => {
  await query('postgres', `create role "${role}" login password 'pw'`)
  for (const name of [database, copy]) await query('postgres', `create database "${name}"`)
  await query(database, everyKindOfData)
})
afterAll(async () => {
  for (const name of [database, copy]) await query('postgres', `drop database if exists "${name}" with (force)`)
  await query('postgres', `drop role "${role}"`)
})

const run = (name: string, ...args: string[]): Promise<CliResult> =>
  cli(args, {env: {CONNECTION_URL: urlOf(name)}, cwd: folder})
const dump = (...flags: string[]): Promise<CliResult> => run(database, 'dump', ...flags)
const written = async (part: string): Promise<string[]> => (await readdir(folder)).filter((name) => name.includes(part))

describe('dump and restore', () => {
  it.each(['shop.sql', 'shop.sql.gz'])('%s makes the same database, whose dump is the same', async (file) => {
    const wrote = await dump('--file', file)
    expect(wrote, wrote.stderr).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(new RegExp(`^Wrote ${database} to ${file}: 15 tables, 1,026 rows, `)) as string,
    })
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
    const restored = await run(copy, 'restore', '--file', file, '--no-undo')
    expect(restored, restored.stderr).toMatchObject({exitCode: 0})
    const [first, second] = [await dump(), await run(copy, 'dump')]
    expect(second.stdout === first.stdout).toBe(true)
    const bytes = await readFile(join(folder, file))
    const text = file.endsWith('.gz') ? gunzipSync(bytes) : bytes
    expect(text.toString() === `${first.stdout}\n`).toBe(true)
    const [kept] = await query<{lo: Buffer; rows: number}>(
      copy,
      'select lo_get(4711) as lo, (select count(*)::int from counted) as rows',
    )
    // Vitest would compare byte by byte, which takes 5 s.
    expect(kept?.lo.equals(Buffer.from('00ff'.repeat(600_000), 'hex'))).toBe(true)
    expect(kept?.rows).toBe(1)
    expect(await query(copy, "select nextval('called')::int as called, nextval('fresh')::int as fresh")).toEqual([
      {called: 8, fresh: 1},
    ])
    expect(await query(copy, 'insert into "Odd ""one"""."The table" (t) values (1) returning id')).toEqual([{id: 1002}])
  })

  it('loads with schema:load in one transaction', async () => {
    await dump('--file', 'loaded.sql')
    await query('postgres', `drop database "${copy}" with (force)`)
    await query('postgres', `create database "${copy}"`)
    const loaded = await run(copy, 'schema:load', '--file', 'loaded.sql')
    expect(loaded).toMatchObject({exitCode: 0})
    expect(loaded.stdout).not.toContain('COMMIT')
    expect((await run(copy, 'dump')).stdout === (await dump()).stdout).toBe(true)
  })

  it('puts rows of hash partitions by an enum through the partitioned table', async () => {
    await withConnection(database, async (client) => {
      await client.query(`create table hashed (m mood) partition by hash (m);
        create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
        create table hashed_1 partition of hashed for values with (modulus 2, remainder 1);
        insert into hashed values ('glad'), ('so so')`)
      const {stdout} = await dump('--table', 'hashed')
      await client.query('drop table hashed')
      expect(stdout.match(/^COPY .*/gm)).toEqual(Array(2).fill('COPY public.hashed (m) FROM stdin;'))
    })
  })
})

describe('dump --table and the like', () => {
  it('writes only the named tables, with their partitions and sequences', async () => {
    const {stdout} = await dump('--table', 'PARTS', '--table', '"Odd ""one"""."The table"')
    expect(stdout.match(/^CREATE TABLE \S+/gm)).toEqual([
      'CREATE TABLE "Odd',
      'CREATE TABLE public.parts',
      'CREATE TABLE public.parts_2026',
      'CREATE TABLE public.parts_rest',
    ])
    expect(stdout.match(/setval\('[^']*'/g)).toEqual([
      `setval('"Odd ""one"""."The table_id_seq"'`,
      `setval('public.parts_id_seq'`,
    ])
    expect(stdout).not.toContain('lo_create')
  })

  it('leaves out the rows of a table and its partitions', async () => {
    const {stdout} = await dump('--exclude-table-data', 'parts')
    expect(stdout).toContain('CREATE TABLE public.parts_2026')
    expect(stdout).not.toContain('COPY public.parts_')
  })

  it('with --data-only writes rows in the order of the foreign keys, which load into empty tables', async () => {
    await dump('--data-only', '--table', 'a_last', '--table', 'b_first', '--table', 'self', '--file', 'rows.sql')
    const text = await readFile(join(folder, 'rows.sql'), 'utf8')
    expect(text).not.toMatch(/^(CREATE|ALTER|REFRESH)/m)
    expect(text.match(/^COPY \S+/gm)).toEqual(['COPY public.b_first', 'COPY public.self', 'COPY public.a_last'])
    await query('postgres', `drop database "${copy}" with (force)`)
    await query('postgres', `create database "${copy}"`)
    const schema = await run(database, 'schema:dump')
    await writeFile(join(folder, 'schema.sql'), schema.stdout)
    for (const file of ['schema.sql', 'rows.sql'])
      expect(await run(copy, 'schema:load', '--file', file)).toMatchObject({exitCode: 0})
    expect(await query(copy, 'select count(*)::int as rows from a_last')).toEqual([{rows: 2}])
  })

  it('warns of tables that refer to each other', async () => {
    await withConnection(database, async (client) => {
      await client.query(`create table egg (id int primary key, hen int);
        create table hen (id int primary key, egg int references egg); alter table egg add foreign key (hen) references hen`)
      const {stderr} = await dump('--data-only')
      await client.query('drop table egg, hen cascade')
      expect(stderr).toMatch(/no order in which the rows can be loaded: public.egg, public.hen\./)
    })
  })

  it.each(['nope', 'no.nope', 'a b', '"unclosed'])('names the unknown table %s, and writes no file', async (table) => {
    const refused = await dump('--table', table, '--file', 'unknown.sql', '--json')
    expect(refused.exitCode).toBe(3)
    expect(json(refused).error).toMatchObject({code: 'table_unknown', details: {table}})
    expect(await written('unknown')).toEqual([])
  })

  it('has owners and privileges, also of large objects, if they are asked for', async () => {
    await query(database, `grant select on large object 4711 to "${role}"`)
    const {stdout} = await dump('--owners')
    expect(stdout).toContain('ALTER LARGE OBJECT 4711 OWNER TO "postgres";')
    expect(stdout).toContain(`GRANT SELECT ON LARGE OBJECT 4711 TO ${role};`)
  })
})

describe('a dump', () => {
  it('is of one moment, while others write', async () => {
    await query(database, 'create table if not exists orders (id int primary key)')
    await query(database, 'create table if not exists a_items (of_order int references orders)')
    let writing = true
    const writer = withConnection(database, async (client) => {
      for (let id = 1; writing; id++) {
        await client.query(`begin; insert into orders values (${id}); insert into a_items values (${id}); commit`)
        await client.query(`insert into orders values (${-id}); delete from orders where id = ${-id}`)
      }
    })
    await dump('--file', 'moment.sql')
    writing = false
    await writer
    const restored = await run(copy, 'restore', '--file', 'moment.sql', '--force')
    expect(restored, restored.stderr).toMatchObject({exitCode: 0})
    expect(await query(copy, 'select (select count(*) from orders) = (select count(*) from a_items) as equal')).toEqual(
      [{equal: true}],
    )
  })

  it('names the table that the role may not read, also by row-level security, and leaves no file', async () => {
    const reader = async (): Promise<CliResult> =>
      cli(['dump', '--table', 'parts', '--table', 'self', '--file', 'refused.sql', '--json'], {
        env: {CONNECTION_URL: urlAs(role, database)},
        cwd: folder,
      })
    await query(database, `grant select on parts, parts_2026, parts_rest to "${role}"`)
    const denied = await reader()
    expect(denied.exitCode).toBe(6)
    expect(json(denied).error).toMatchObject({
      code: '42501',
      message: expect.stringContaining('permission denied for table self') as string,
    })
    await query(database, `grant select on self, parts_id_seq to "${role}"; alter table self enable row level security`)
    const secured = await reader()
    await query(database, 'alter table self disable row level security')
    expect(secured.exitCode).toBe(6)
    expect(json(secured).error).toMatchObject({
      message: expect.stringMatching(/^The rows of public.self cannot be read: .*row-level security/) as string,
      details: {table: 'self'},
    })
    expect(await written('refused')).toEqual([])
  })

  it.each([
    [
      'its session is ended',
      4,
      (_running: Running, pid: number) => query('postgres', `select pg_terminate_backend(${pid})`),
    ],
    ['it is interrupted', 130, (running: Running) => Promise.resolve(running.kill('SIGINT'))],
  ] as const)('leaves no file when %s among the rows', async (_when, exitCode, strike) => {
    await query(database, 'create table z_long as select repeat(md5(i::text), 4000) from generate_series(1, 1000) i')
    const running = start(['dump', '--file', 'struck.sql'], {env: {CONNECTION_URL: urlOf(database)}, cwd: folder})
    const [copying] = await untilRows<{pid: number}>(
      database,
      "select pid from pg_stat_progress_copy where datname = $1 and relid = 'z_long'::regclass",
      [database],
    )
    await strike(running, copying?.pid ?? 0)
    expect((await running).exitCode).toBe(exitCode)
    await query(database, 'drop table z_long')
    expect(await written('struck')).toEqual([])
  })

  it('is not begun where there is no place for it', async () => {
    expect(json(await dump('--json')).error).toMatchObject({code: 'file_needed', exit_code: 2})
    await writeFile(join(folder, 'mine.sql'), 'mine')
    expect(json(await dump('--file', 'mine.sql', '--json')).error).toMatchObject({code: 'file_exists'})
    const result = json(await dump('--file', 'mine.sql', '--force', '--json')).result
    expect(result).toMatchObject({database, file: 'mine.sql', bytes: (await stat(join(folder, 'mine.sql'))).size})
  })

  it('ends with an error if the reader of its output has gone', async () => {
    const {stderr} = await execa('bash', ['-c', `"${process.execPath}" "${program}" dump | head -c 100 > /dev/null`], {
      env: {...bareEnvironment, CONNECTION_URL: urlOf(database)},
      extendEnv: false,
      cwd: folder,
      reject: false,
    })
    expect(stderr).toContain('The output was closed before the dump was complete.')
  })

  it('is compressed by Zstandard where Node can, and says who can', async () => {
    const wrote = await dump('--file', 'shop.sql.zst', '--json')
    const can = 'createZstdCompress' in (await import('node:zlib'))
    if (can) expect(await run(copy, 'restore', '--file', 'shop.sql.zst', '--force')).toMatchObject({exitCode: 0})
    else expect(json(wrote).error).toMatchObject({code: 'zstd_unsupported', exit_code: 3})
    expect(await written('shop.sql.zst')).toEqual(can ? ['shop.sql.zst'] : [])
  })
})
