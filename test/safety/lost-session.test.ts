import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {type Proxy, startProxy} from '../support/proxy.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

let name: string
let role: string
let folder: string

beforeEach(async () => {
  name = uniqueName('lost')
  role = `${name}_role`
  folder = folderOfTest()
  await query('postgres', `create role ${role} login createdb password 'pw'`)
  await query('postgres', `create database ${name} owner ${role}`)
  await query(name, "create table treasure as select 'gold' as what")
})
afterEach(async () => {
  for (const stray of await relatives()) await query('postgres', `drop database ${stray} with (force)`)
  await query('postgres', `drop role ${role}`)
})

async function relatives(): Promise<string[]> {
  const rows = await query<{datname: string}>(
    'postgres',
    'select datname from pg_database where starts_with(datname, $1) order by 1',
    [name],
  )
  return rows.map(({datname}) => datname)
}

const holds = async (table: string): Promise<boolean> =>
  (await query<{t: string | null}>(name, 'select to_regclass($1)::text as t', [table]))[0]?.t === table
const urlBy = (port?: number): string =>
  Object.assign(new URL(urlOf(name)), {
    username: role,
    password: 'pw',
    ...(port === undefined ? {} : {port: String(port)}),
  }).href
const run = (...args: string[]): Promise<CliResult> => cli(args, {env: {CONNECTION_URL: urlBy()}, cwd: folder})

/** Ends every session of the role but the one that asks: the one that has the lock is among them. */
const endOthers = (): string =>
  `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}' and pid <> pg_backend_pid();`

describe('a setup whose session is lost while the files run', () => {
  it('is finished by another one', async () => {
    await writeSql(folder, {schema: 'create table fresh ();', seed: endOthers()})
    const result = await run('setup')
    expect(result, result.stderr).toMatchObject({exitCode: 0})
    expect(await holds('fresh')).toBe(true)
    expect(await relatives()).toEqual([name, `${name}_undo`])
  })

  it('is undone by another one where a file fails', async () => {
    await writeSql(folder, {schema: 'create table fresh ();', seed: `${endOthers()} select 1/0;`})
    expect(await run('setup')).toMatchObject({exitCode: 6, stdout: expect.not.stringContaining('ready') as string})
    expect(await holds('treasure')).toBe(true)
    expect(await relatives()).toEqual([name])
  })

  it('is not lost to a limit for idle sessions', async () => {
    // Postgres 13 has no such limit.
    const [limit] = await query('postgres', "select from pg_settings where name = 'idle_session_timeout'")
    if (limit !== undefined) await query('postgres', `alter role ${role} set idle_session_timeout = '1s'`)
    await writeSql(folder, {schema: 'create table fresh ();', seed: 'select pg_sleep(1.2);'})
    const result = await run('setup')
    expect(result, result.stderr).toMatchObject({exitCode: 0})
    expect(await holds('fresh')).toBe(true)
  })
})

describe('a command whose answer is lost', () => {
  let proxy: Proxy
  beforeEach(async () => {
    proxy = await startProxy(Number(new URL(urlOf(name)).port))
    await writeSql(folder, {schema: 'create table fresh ();', seed: 'select 1;'})
  })
  afterEach(() => proxy.close())

  async function losing(text: string, cut: 'before' | 'answered', ...args: string[]): Promise<CliResult> {
    proxy.loss = {text, cut}
    const result = await cli(args, {env: {CONNECTION_URL: urlBy(proxy.port)}, cwd: folder})
    expect(proxy.loss, 'nothing was cut').toBeUndefined()
    return result
  }

  it.each(['before', 'answered'] as const)('says what has become of it: setup, cut %s the swap', async (cut) => {
    const result = await losing('rename to', cut, 'setup', '--json')
    expect(result, result.stderr).toMatchObject({exitCode: 0})
    expect(json(result).result).toMatchObject({kept: true})
    expect(await holds('fresh')).toBe(true)
    expect(await relatives()).toEqual([name, `${name}_undo`])
  })

  it.each(['before', 'answered'] as const)('undo, cut %s the swap', async (cut) => {
    expect(await run('setup')).toMatchObject({exitCode: 0})
    expect(await losing('rename to', cut, 'undo')).toMatchObject({exitCode: 0})
    expect(await holds('treasure')).toBe(true)
    expect(await relatives()).toEqual([name, `${name}_undo`])
  })

  it.each(['before', 'answered'] as const)('drop, cut %s', async (cut) => {
    expect(await losing('drop database', cut, 'drop')).toMatchObject({exitCode: 0, stdout: `Dropped ${name}.`})
    expect(await databaseExists(name)).toBe(false)
  })

  it.each(['before', 'answered'] as const)('create, cut %s', async (cut) => {
    await query('postgres', `drop database ${name}`)
    expect(await losing('create database', cut, 'create')).toMatchObject({exitCode: 0, stdout: `Created ${name}.`})
    expect(await databaseExists(name)).toBe(true)
  })

  it.each(['before', 'answered'] as const)('protect, cut %s', async (cut) => {
    expect(await losing('comment on', cut, 'protect')).toMatchObject({exitCode: 0, stdout: `Protected ${name}.`})
    expect(await run('drop')).toMatchObject({exitCode: 7})
  })

  it.each([['setup'], ['drop', '--discard-undo']])(
    '%s, cut before it drops the undo copy, leaves another database that got its name meanwhile',
    async (...args) => {
      const command = args.filter((arg) => arg !== undefined)
      expect(await run('setup')).toMatchObject({exitCode: 0})
      await query('postgres', `create database ${name}_spare owner ${role}`)
      await query(`${name}_spare`, "create table precious as select 'mine' as what")
      const running = losing(`drop database "${name}_undo"`, 'before', ...command)
      await vi.waitUntil(() => proxy.loss?.text.startsWith('drop database') === true)
      await vi.waitUntil(() => proxy.loss === undefined, {interval: 1, timeout: 30_000})
      await withConnection('postgres', async (client) => {
        await client.query(
          `begin; alter database ${name}_undo rename to ${name}_gone; alter database ${name}_spare rename to ${name}_undo; commit`,
        )
      })
      await running
      expect(await query(`${name}_undo`, 'select what from precious')).toEqual([{what: 'mine'}])
    },
  )
})
