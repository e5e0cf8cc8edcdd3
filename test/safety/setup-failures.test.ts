import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {cli, json, start} from '../support/cli.js'
import {databaseExists, query, uniqueName, untilRows, urlAs, urlOf, withConnection} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

let name: string
let env: {CONNECTION_URL: string}
let folder: string

beforeEach(async () => {
  name = uniqueName('safe')
  env = {CONNECTION_URL: urlOf(name)}
  folder = folderOfTest()
  await mkdir(join(folder, 'sql'))
  await files('create table fresh ();', 'select 1;')
  await query('postgres', `create database "${name}"`)
  await query(name, "create table treasure as select 'gold' as what")
  await query('postgres', `comment on database "${name}" is 'ours'`)
})
afterEach(async () => {
  for (const stray of await relatives()) await query('postgres', `drop database if exists "${stray}" with (force)`)
})

async function files(schema: string, seed: string): Promise<void> {
  await writeFile(join(folder, 'sql', 'schema.sql'), schema)
  await writeFile(join(folder, 'sql', 'seed.sql'), seed)
}

/** All databases of this test: the one, and whatever was set aside or kept. */
async function relatives(): Promise<string[]> {
  const rows = await query<{datname: string}>(
    'postgres',
    'select datname from pg_database where datname like $1 order by 1',
    [`${name}%`],
  )
  return rows.map(({datname}) => datname)
}

async function expectUntouched(): Promise<void> {
  expect(await relatives()).toEqual([name])
  expect(await query(name, 'select what from treasure')).toEqual([{what: 'gold'}])
  const [row] = await query<{c: string}>(
    'postgres',
    "select shobj_description(oid, 'pg_database') as c from pg_database where datname = $1",
    [name],
  )
  expect(row?.c).toBe('ours')
}

const setup = (...args: string[]): ReturnType<typeof cli> => cli(['setup', ...args], {env, cwd: folder})

/** Waits until the server runs the seed that does not end. */
async function untilBusy(): Promise<void> {
  const busy = "select 1 from pg_stat_activity where state = 'active' and query like $1"
  await untilRows('postgres', busy, [`%select pg_sleep(600) as "${name}"%`])
}

/** Starts a setup whose seed does not end, waits until the server runs it, and sends the signal. */
async function interruptInSeed(
  signal: NodeJS.Signals,
  before?: () => Promise<void>,
  schema = '',
): Promise<number | undefined> {
  await files(`create table fresh (); ${schema}`, `select pg_sleep(600) as "${name}";`)
  const running = start(['setup'], {env, cwd: folder})
  await untilBusy()
  await before?.()
  running.kill(signal)
  return (await running).exitCode
}

describe('a setup that fails', () => {
  it.each([
    ['schema:load', 'create tabel t ();', 'select 1;', 6],
    ['seed', 'create table fresh ();', 'select 1/0;', 6],
    ['seed', 'create table fresh ();', '\\i none.sql', 3],
  ])('in %s (%j, %j) leaves the old database as it was', async (step, schema, seed, exitCode) => {
    await files(schema, seed)
    const result = await setup()
    expect(result.exitCode).toBe(exitCode)
    expect(result.stderr).toContain(`${step}: `)
    expect(result.stderr).toContain(`"${name}" was not changed. The unfinished new database was removed.`)
    await expectUntouched()
  })

  it('because someone is connected changes nothing, and with --force goes on', async () => {
    await withConnection(name, async () => {
      expect(await setup()).toMatchObject({exitCode: 5, stdout: ''})
      await expectUntouched()
      expect(await setup('--force')).toMatchObject({exitCode: 0})
      expect(await query(name, "select to_regclass('fresh')::text as t")).toEqual([{t: 'fresh'}])
    })
  })

  it('goes on with --force although clients reconnect all the time', async () => {
    let stop = false
    const clients = Array.from({length: 4}, async () => {
      while (!stop) await withConnection(name, (client) => client.query('select pg_sleep(0.01)')).catch(() => undefined)
    })
    const result = await setup('--force')
    stop = true
    await Promise.all(clients)
    expect(result).toMatchObject({exitCode: 0})
  })

  it('because the role may not rename or create changes nothing', async () => {
    const role = uniqueName('role')
    await query('postgres', `create role ${role} login password 'pw'`)
    const asRole = {env: {CONNECTION_URL: urlAs(role, name)}, cwd: folder}
    const denied = await cli(['setup'], asRole)
    expect(denied).toMatchObject({exitCode: 6, stderr: expect.stringContaining('42501') as string})
    await expectUntouched()
    await query('postgres', `alter database "${name}" owner to ${role}`)
    const withoutCreatedb = await cli(['setup'], asRole)
    expect(withoutCreatedb).toMatchObject({exitCode: 6})
    await expectUntouched()
    await query('postgres', `alter database "${name}" owner to postgres`)
    await query('postgres', `drop role ${role}`)
  })

  it('of a database that was not there leaves none', async () => {
    await query('postgres', `drop database "${name}"`)
    await files('create table fresh ();', 'select 1/0;')
    expect(await setup()).toMatchObject({exitCode: 6})
    expect(await databaseExists(name)).toBe(false)
  })
})

describe('a setup that is interrupted', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s leaves the old database and exits with 130', async (signal) => {
    expect(await interruptInSeed(signal)).toBe(130)
    await expectUntouched()
  })

  it('by SIGKILL leaves the old database in use, and one unfinished beside it that no command touches which asks nothing', async () => {
    await interruptInSeed('SIGKILL')
    expect(await relatives()).toEqual([name, expect.stringMatching(new RegExp(`^${name}_new_[0-9a-f]{8}$`)) as string])
    await query(name, "insert into treasure values ('silver')")
    // A rename, a drop or another comment would show.
    const left = (): Promise<object[]> =>
      query(
        'postgres',
        "select oid, datname, shobj_description(oid, 'pg_database') as comment from pg_database where datname like $1 order by 1",
        [`${name}%`],
      )
    const before = await left()
    for (const args of [
      ['create'],
      ['undo', '--list'],
      ['doctor'],
      ['sessions'],
      ['wait'],
      ['connect', '--', '-c', 'select 1'],
      ['cache'],
      ['target'],
    ]) {
      const {exitCode, stderr} = await cli(args, {env, cwd: folder})
      expect(exitCode, `${args.join(' ')}: ${stderr}`).toBe(0)
      expect(await left(), args.join(' ')).toEqual(before)
    }
    expect(await query(name, 'select what from treasure')).toEqual([{what: 'gold'}, {what: 'silver'}])
  })

  it.each([
    ['setup', ''],
    ['drop', ''],
    ['setup', `comment on database "%" is 'a comment of the file';`],
  ])('by SIGKILL leaves what the next %s removes (%s)', async (command, comment) => {
    await interruptInSeed('SIGKILL', undefined, comment.replace('%', name))
    const [, unfinished] = await relatives()
    await files('create table fresh ();', 'select 1;')
    const next = await cli([command], {env, cwd: folder})
    expect(next, next.stderr).toMatchObject({exitCode: 0})
    expect(next.stderr).toContain(`Removed "${unfinished}"`)
    expect(await relatives()).toEqual(command === 'setup' ? [name, `${name}_undo`] : [])
  })

  it('is refused to a second setup, drop, schema:load and seed while it runs, with who runs it', async () => {
    await interruptInSeed('SIGINT', async () => {
      const refused = async (command: string): Promise<void> => {
        const result = await cli([command], {env, cwd: folder})
        expect(result).toMatchObject({exitCode: 5, stdout: ''})
        expect(result.stderr).toMatch(/Another command is using .*: cruddur-db \(process \d+ from 127\.0\.0\.1/)
      }
      // Each waits for a while before it gives up.
      await Promise.all(['setup', 'drop', 'schema:load', 'seed', 'undo'].map(refused))
    })
    await expectUntouched()
  })
})

describe('a seed that is killed', () => {
  it('gives its lock back within seconds, although its statement goes on', async () => {
    await files('select 1;', `select pg_sleep(600) as "${name}";`)
    const running = start(['seed'], {env, cwd: folder})
    await untilBusy()
    running.kill('SIGKILL')
    await running
    await files('select 1;', "insert into treasure values ('silver');")
    const next = await cli(['seed'], {env, cwd: folder})
    // Postgres 13 notices only at the end of the statement: there it is waited for in vain.
    const notices =
      Number((await query<{n: string}>('postgres', "select current_setting('server_version_num') as n"))[0]?.n) >=
      140_000
    expect(next, next.stderr).toMatchObject({exitCode: notices ? 0 : 5})
    if (!notices) expect(next.stderr).toMatch(new RegExp(`Another command is using "${name}": .* Waiting\\.`))
    expect(await query(name, 'select count(*)::int as n from treasure')).toEqual([{n: notices ? 2 : 1}])
  })
})

describe('undo', () => {
  it('swaps the old database back, and forward again', async () => {
    const done = await setup()
    expect(done.stdout).toContain('To restore it: cruddur-db undo')
    expect((await cli(['undo', '--list'], {env})).stdout).toMatch(/_undo +[\d.]+ MB +replaced at 20.* UTC$/)
    const holds = (table: string): Promise<object[]> => query(name, 'select to_regclass($1)::text as t', [table])
    expect(await cli(['undo'], {env})).toMatchObject({exitCode: 0})
    expect(await holds('treasure')).toEqual([{t: 'treasure'}])
    expect(await cli(['undo'], {env})).toMatchObject({exitCode: 0})
    expect(await holds('fresh')).toEqual([{t: 'fresh'}])
    await withConnection(name, async () => {
      expect(await cli(['undo'], {env})).toMatchObject({exitCode: 5})
      expect(await cli(['undo', '--force'], {env})).toMatchObject({exitCode: 0})
    })
    await cli(['drop'], {env})
    expect(await cli(['undo'], {env})).toMatchObject({exitCode: 0})
    expect(await holds('fresh')).toEqual([{t: 'fresh'}])
    expect(await relatives()).toEqual([name])
  })

  it('keeps one database, none with --no-undo, and forgets it with --discard', async () => {
    await setup()
    await setup()
    expect(json(await cli(['undo', '--list', '--json'], {env})).result?.['kept']).toHaveLength(1)
    expect(await relatives()).toHaveLength(2)
    expect(await cli(['undo', '--discard'], {env})).toMatchObject({exitCode: 0})
    expect(await relatives()).toEqual([name])
    expect(await cli(['undo'], {env})).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('There is no undo copy') as string,
    })
    expect((await setup('--no-undo')).stdout).not.toContain('undo')
    expect(await relatives()).toEqual([name])
    expect((await cli(['undo', '--list'], {env})).stdout).toBe('There is no undo copy.')
  })

  it('keeps nothing on another target than local', async () => {
    const prod = {PROD_CONNECTION_URL: env.CONNECTION_URL}
    expect(await cli(['setup', 'prod', '--confirm', `${name}@127.0.0.1`], {env: prod, cwd: folder})).toMatchObject({
      exitCode: 0,
    })
    expect(await relatives()).toEqual([name])
  })
})

describe('names', () => {
  it('near the 63-byte limit, and the names of an undo copy that are taken, are no obstacle', async () => {
    const long = `${name}_${'ü'.repeat(Math.floor((62 - name.length) / 2))}`
    const env63 = {CONNECTION_URL: urlOf(long)}
    await query('postgres', `create database "${long}"`)
    await query('postgres', `create database "${name}_old"`)
    await query('postgres', `create database "${name}_undo"`)
    expect(await cli(['setup'], {env: env63, cwd: folder})).toMatchObject({exitCode: 0})
    expect(await cli(['undo'], {env: env63, cwd: folder})).toMatchObject({exitCode: 0})
    expect(await setup()).toMatchObject({exitCode: 0})
    expect(await relatives()).toEqual(expect.arrayContaining([name, `${name}_old`, `${name}_undo`, `${name}_undo2`]))
    expect(await query(`${name}_undo2`, 'select what from treasure')).toEqual([{what: 'gold'}])
  })
})
