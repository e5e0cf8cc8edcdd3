import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlOf} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const name = uniqueName('cached')
const env = {CONNECTION_URL: urlOf(name)}
const folder = temporaryFolder()

const put = (file: string, text: string): Promise<void> => writeFile(join(folder, 'sql', file), text)
const run = (args: string[], more: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  cli(args, {env: {...env, ...more}, cwd: folder})
const stamp = async (): Promise<string> => (await query<{at: string}>(name, 'select at::text from made'))[0]?.at ?? ''
const kept = async (): Promise<{name: string; protected: boolean; at: string}[]> =>
  (json(await run(['cache', '--json'])).result?.['cached'] ?? []) as {name: string; protected: boolean; at: string}[]

beforeAll(async () => {
  await mkdir(join(folder, 'sql'))
  await put('schema.sql', 'create table made (at timestamptz default clock_timestamp(), n int);\n\\ir more.sql\n')
  await put('more.sql', 'create table more ();')
  await put('seed.sql', 'insert into made (n) values (1);')
})
afterAll(async () => {
  await run(['cache', '--clear'])
  await run(['undo', '--discard'])
  await run(['drop', '--force'])
})

describe('setup --cached', () => {
  it('keeps what it made and copies it the next time, saying how old it is', async () => {
    const first = await run(['setup', '--cached'])
    expect(first).toMatchObject({exitCode: 0})
    expect(first.stdout).toMatch(/^cache +[\d.]+ m?s +cached for the next setup --cached$/m)
    const made = await stamp()
    await query(name, 'update made set n = 2')
    const second = await run(['setup', '--cached'])
    expect(second).toMatchObject({exitCode: 0})
    expect(second.stdout).toMatch(new RegExp(`^create +[\\d.]+ m?s +${name} copied from the cache$`, 'm'))
    expect(second.stdout).toMatch(/^schema:load +\d+ ms +sql\/schema\.sql, cached$/m)
    expect(second.stdout).toMatch(
      /Copied from the cache, made .* ago \(so is now\(\) in the seed\)\. To rebuild it: .*--refresh/,
    )
    expect(await query(name, 'select n from made')).toEqual([{n: 1}])
    expect(await stamp()).toBe(made)
    expect(json(await run(['setup', '--cached', '--json'])).result?.['cache']).toMatchObject({
      from: expect.any(String) as string,
      problem: null,
    })
    expect(json(await run(['setup', '--json'])).result?.['cache']).toBeNull()
    expect(await stamp()).not.toBe(made)
  })

  it('passes a missing seed over, and makes the database anew once there is one', async () => {
    await rm(join(folder, 'sql', 'seed.sql'))
    for (const outcome of ['created', 'copied from the cache']) {
      const result = await run(['setup', '--cached'])
      expect(result).toMatchObject({exitCode: 0})
      expect(result.stdout).toContain(`${name} ${outcome}`)
      expect(result.stdout).toMatch(/^seed +\d+ ms {2}skipped: no seed file$/m)
    }

    expect(await query(name, 'select n from made')).toEqual([])
    await put('seed.sql', 'insert into made (n) values (1);')
    await run(['setup', '--cached'])
    expect(await query(name, 'select n from made')).toEqual([{n: 1}])
  })

  it('keeps the old database for undo, as any setup does', async () => {
    await run(['setup', '--cached'])
    await query(name, 'update made set n = 7')
    await run(['setup', '--cached'])
    expect(await run(['undo'])).toMatchObject({exitCode: 0})
    expect(await query(name, 'select n from made')).toEqual([{n: 7}])
  })

  it('makes it anew where a file changed, an included one too, and with --refresh', async () => {
    await run(['setup', '--cached'])
    const made = await stamp()
    await put('more.sql', 'create table more (m int);')
    const changed = await run(['setup', '--cached'])
    expect(changed.stdout).toContain('cached for the next')
    expect(await stamp()).not.toBe(made)
    const again = await stamp()
    expect((await run(['setup', '--cached', '--refresh'])).stdout).toContain('cached for the next')
    const refreshed = await stamp()
    expect(refreshed).not.toBe(again)
    await run(['setup', '--cached'])
    expect(await stamp()).toBe(refreshed)
  })

  it('keeps the newest three, lets no one connect to them, lists them and clears them', async () => {
    for (const n of [1, 2, 3, 4]) {
      await put('seed.sql', `insert into made (n) values (${n});`)
      await run(['setup', '--cached'])
    }

    const list = await kept()
    expect(list).toHaveLength(3)
    expect(list.map(({at}) => at)).toEqual(
      list
        .map(({at}) => at)
        .sort()
        .reverse(),
    )
    const [newest = {name: ''}] = list
    await expect(query(newest.name, 'select 1')).rejects.toMatchObject({code: '55000'})
    const human = await run(['cache'])
    expect(human.stdout).toMatch(
      /^DATABASE +CREATED +SIZE +SOURCE\ncruddur_cache_[0-9a-f]{16} +.* ago +.* MB +.*schema\.sql$/m,
    )
    expect((await run(['cache', '--clear'])).stdout).toBe('Dropped 3 cached databases.')
    expect(await databaseExists(newest.name)).toBe(false)
    expect((await run(['cache'])).stdout).toBe('No database is cached.')
  })

  it("never copies nor drops one without a marker that fits, which may be a user's own, and one that is protected stays", async () => {
    await run(['setup', '--cached'])
    const [{name: template} = {name: ''}] = await kept()
    const [row] = await query<{comment: string}>(
      'postgres',
      "select shobj_description(oid, 'pg_database') as comment from pg_database where datname = $1",
      [template],
    )
    await query('postgres', `comment on database ${template} is null`)
    expect(await kept()).toEqual([])
    const made = await stamp()
    expect((await run(['setup', '--cached'])).stdout).toContain('cached for the next')
    expect(await stamp()).not.toBe(made)
    const [{name: second} = {name: ''}] = await kept()
    expect(second).toBe(`${template}_2`)
    // A marker that was written for another database, as in a restored dump.
    await query(
      'postgres',
      `comment on database ${template} is '${(row?.comment ?? '').replace(/"oid":\d+/, '"oid":1')}'`,
    )
    expect(await run(['cache', '--clear'])).toMatchObject({stdout: 'Dropped 1 cached database.'})
    expect(await databaseExists(template)).toBe(true)
    await query('postgres', `comment on database ${template} is '${row?.comment}'`)
    expect(await kept()).toMatchObject([{name: template, protected: false}])
    await query(
      'postgres',
      `comment on database ${template} is '${(row?.comment ?? '').replace('{', '{"protected":"1",')}'`,
    )
    const cleared = await run(['cache', '--clear'])
    expect(cleared).toMatchObject({
      exitCode: 0,
      stdout: 'Dropped 0 cached databases.',
      stderr: expect.stringContaining(`"${template}" is protected and was not dropped.`) as string,
    })
    expect((await run(['setup', '--cached', '--refresh'])).exitCode).toBe(0)
    expect(await databaseExists(template)).toBe(true)
    await query('postgres', `drop database ${template}`)
  })

  it('does not keep what a copy would not have, and says so', async () => {
    await put('more.sql', `alter database ${name} set work_mem = '8MB';`)
    const result = await run(['setup', '--cached'])
    expect(result).toMatchObject({exitCode: 0})
    expect(result.stderr).toContain('The database was not cached: the SQL files change the database itself')
    expect(json(await run(['setup', '--cached', '--json'])).warnings).toHaveLength(1)
    await put('more.sql', 'create table more ();')
  })

  it('leaves the old database as it was where a file fails, and keeps nothing', async () => {
    await run(['setup', '--cached'])
    const made = await stamp()
    const before = await kept()
    await put('more.sql', 'create tabel more ();')
    expect(await run(['setup', '--cached'])).toMatchObject({exitCode: 6})
    await rm(join(folder, 'sql', 'more.sql'))
    expect(await run(['setup', '--cached'])).toMatchObject({exitCode: 3})
    expect(await stamp()).toBe(made)
    expect(await kept()).toEqual(before)
    await put('more.sql', 'create table more ();')
  })

  it('works for several databases at once', async () => {
    const names = [uniqueName('one'), uniqueName('two'), uniqueName('three')]
    await run(['cache', '--clear'])
    const results = await Promise.all(
      names.map((database) => run(['setup', '--cached'], {CONNECTION_URL: urlOf(database)})),
    )
    expect(results.map(({exitCode}) => exitCode)).toEqual([0, 0, 0])
    expect(await kept()).toHaveLength(1)
    for (const database of names) {
      expect(await query(database, 'select count(*)::int as n from made')).toEqual([{n: 1}])
      await run(['drop', '--force'], {CONNECTION_URL: urlOf(database)})
    }
  })

  it('is for local alone, and --refresh for --cached alone', async () => {
    const staging = {STAGING_CONNECTION_URL: urlOf(uniqueName('staging'))}
    const confirm = `${new URL(staging.STAGING_CONNECTION_URL).pathname.slice(1)}@127.0.0.1`
    expect(await run(['setup', 'staging', '--cached', '--confirm', confirm], staging)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('The cache is only for local databases') as string,
    })
    expect(await run(['cache', 'staging', '--clear'], staging)).toMatchObject({exitCode: 2})
    expect(await run(['setup', '--refresh'])).toMatchObject({exitCode: 2, stdout: ''})
    expect(await run(['cache', '--list', '--clear'])).toMatchObject({exitCode: 2, stdout: ''})
  })
})
