import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {requireLocal} from '../../src/lib/databases/local-only.js'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {cli, type CliResult, json, start} from '../support/cli.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {startProxy} from '../support/proxy.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const name = uniqueName('snapped')
const other = uniqueName('other')
const folder = temporaryFolder()
const env = {CONNECTION_URL: urlOf(name), PROD_CONNECTION_URL: urlOf(name)}
const run = (...args: string[]): Promise<CliResult> => cli(args, {env, cwd: folder})
const fails = async (...args: string[]) => json(await run(...args, '--json')).error

const copies = (): Promise<{datname: string}[]> =>
  query(
    'postgres',
    `select datname from pg_database where shobj_description(oid, 'pg_database') like '%"of":"${name}"%'`,
  )

beforeAll(async () => {
  await query('postgres', `create database ${name}`)
  await query('postgres', `create database ${other}`)
})
beforeEach(async () => {
  for (const {datname} of await copies()) await query('postgres', `drop database ${datname} with (force)`)
  await query(name, 'drop table if exists t; create table t as select 1 as n')
})
afterAll(async () => {
  for (const {datname} of await copies()) await query('postgres', `drop database ${datname} with (force)`)
  for (const database of [name, other]) await query('postgres', `drop database ${database} with (force)`)
})

describe('snapshot', () => {
  it('brings back what the database was, as often as it is asked to, and undo brings back what was replaced', async () => {
    expect(await run('snapshot')).toMatchObject({exitCode: 0, stdout: `There is no snapshot of ${name}.`})
    const taken = await run('snapshot', 'before')
    expect(taken).toMatchObject({exitCode: 0})
    expect(taken.stdout).toMatch(
      new RegExp(`^Took the snapshot before of ${name} \\([\\d.]+ MB\\)\\. To restore it: .*snapshot:restore before$`),
    )
    for (const n of [2, 3]) {
      await query(name, `update t set n = ${n}`)
      const restored = await run('snapshot:restore', 'before')
      expect(restored).toMatchObject({exitCode: 0})
      expect(restored.stdout).toContain(`${name} is now as in the snapshot before, taken `)
      expect(await query(name, 'select n from t')).toEqual([{n: 1}])
      await run('undo')
      expect(await query(name, 'select n from t')).toEqual([{n}])
    }
    const {exitCode, stdout} = await run('snapshot', '--list')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^SNAPSHOT +TAKEN +SIZE\nbefore +.* ago +[\d.]+ MB$/)
    expect(await run('snapshot', 'before', '--drop')).toMatchObject({stdout: 'Dropped the snapshot before.'})
    expect(await run('snapshot')).toMatchObject({stdout: `There is no snapshot of ${name}.`})
  })

  it('keeps a snapshot of that name unless it is to be replaced', async () => {
    await run('snapshot', 'one')
    await query(name, 'update t set n = 2')
    expect(await fails('snapshot', 'one')).toMatchObject({code: 'snapshot_exists', exit_code: 5})
    expect(await run('snapshot', 'one', '--replace')).toMatchObject({
      stdout: expect.stringContaining('Replaced the snapshot one') as string,
    })
    await query(name, 'update t set n = 3')
    await run('snapshot:restore', 'one', '--no-undo')
    expect(await query(name, 'select n from t')).toEqual([{n: 2}])
    expect(json(await run('snapshot', '--json')).result?.['snapshots']).toHaveLength(1)
  })

  it('restores a database that was dropped', async () => {
    await run('snapshot', 'one')
    expect(await run('drop')).toMatchObject({exitCode: 0})
    expect(json(await run('snapshot:restore', 'one', '--json')).result).toMatchObject({
      ...{database: name, kept: false, snapshot: {name: 'one'}},
    })
    expect(await query(name, 'select n from t')).toEqual([{n: 1}])
  })

  it('ends sessions only with --force', async () => {
    await withConnection(name, async (client) => {
      client.on('error', () => undefined)
      expect(await fails('snapshot', 'busy')).toMatchObject({code: 'database_in_use', exit_code: 5})
      expect(await run('snapshot', 'busy', '--force')).toMatchObject({exitCode: 0})
    }).catch(() => undefined)
    await withConnection(name, async (client) => {
      client.on('error', () => undefined)
      expect(await fails('snapshot:restore', 'busy')).toMatchObject({code: 'database_in_use', exit_code: 5})
      expect(await run('snapshot:restore', 'busy', '--force')).toMatchObject({exitCode: 0})
    }).catch(() => undefined)
    expect(json(await run('snapshot', '--json')).result?.['snapshots']).toMatchObject([{name: 'busy'}])
  })

  it('is named after the branch with --auto', async () => {
    expect(await fails('snapshot', '--auto')).toMatchObject({code: 'no_branch'})
    await mkdir(join(folder, '.git'))
    await writeFile(join(folder, '.git', 'HEAD'), "ref: refs/heads/feature/it's-new\n")
    expect(await run('snapshot', '--auto')).toMatchObject({exitCode: 0})
    expect(json(await run('snapshot', '--json')).result?.['snapshots']).toMatchObject([{name: 'feature/it-s-new'}])
    expect(await run('snapshot:restore', '--auto')).toMatchObject({exitCode: 0})
  })

  it('belongs to its database, and must be confirmed where that is protected', async () => {
    await run('snapshot', 'mine')
    const elsewhere = await cli(['snapshot', '--json'], {env: {CONNECTION_URL: urlOf(other)}, cwd: folder})
    expect(json(elsewhere).result).toEqual({snapshots: []})
    await run('protect')
    expect(await fails('snapshot:restore', 'mine')).toMatchObject({code: 'not_confirmed', exit_code: 7})
    expect(await run('snapshot:restore', 'mine', '--confirm', `${name}@127.0.0.1`)).toMatchObject({exitCode: 0})
    await run('unprotect', '--confirm', `${name}@127.0.0.1`)
  })

  it('takes no copy of anything but a local database', async () => {
    const url = ConnectionUrl.parse(urlOf(name), 'CONNECTION_URL')
    const origin = {kind: 'variable', variable: 'CONNECTION_URL', path: undefined} as const
    await withClient(url, {signal: new AbortController().signal}, (client) => {
      requireLocal({name: 'local', url, origin}, client, 'Snapshots are')
      expect(() => requireLocal({name: 'staging', url, origin}, client, 'Snapshots are')).toThrow(
        'Snapshots are only for local databases, and staging is not local. Nothing was changed.',
      )
      return Promise.resolve()
    })
  })

  it('says what is wrong with what it is given', async () => {
    expect(await fails('snapshot', 'two words')).toMatchObject({code: 'snapshot_name_invalid', exit_code: 2})
    expect(await fails('snapshot', '--drop')).toMatchObject({code: 'name_missing', exit_code: 2})
    expect(await fails('snapshot:restore')).toMatchObject({code: 'name_missing', exit_code: 2})
    expect(await fails('snapshot', 'x', '--auto')).toMatchObject({exit_code: 2})
    expect(await fails('snapshot:restore', 'nothing')).toMatchObject({code: 'snapshot_missing', exit_code: 5})
    expect(await fails('snapshot', 'nothing', '--drop')).toMatchObject({code: 'snapshot_missing', exit_code: 5})
    await run('snapshot', 'one')
    expect(await fails('snapshot', 'nothing', '--drop')).toMatchObject({next: ['There are: one.']})
  })

  it.each(['before', 'after', 'answered'] as const)(
    'is there once where the connection is cut %s its CREATE',
    async (cut) => {
      const server = new URL(urlOf(name))
      const proxy = await startProxy(Number(server.port))
      proxy.loss = {text: 'create database', cut}
      server.port = String(proxy.port)
      const taken = await cli(['snapshot', 'cut'], {env: {CONNECTION_URL: server.href}, cwd: folder})
      await proxy.close()
      expect(proxy.loss).toBeUndefined()
      expect(taken).toMatchObject({exitCode: 0, stdout: expect.stringContaining('Took the snapshot cut') as string})
      expect(await copies()).toHaveLength(1)
    },
  )

  it('is whole or not there, whenever the command is killed, and the database stays', async () => {
    await query(name, 'insert into t select generate_series(2, 50000)')
    for (const milliseconds of [80, 120, 160, 200, 240]) {
      const running = start(['snapshot', `at${milliseconds}`], {env, cwd: folder})
      setTimeout(() => running.kill('SIGKILL'), milliseconds)
      await running
    }
    const left = (json(await run('snapshot', '--json')).result?.['snapshots'] ?? []) as {name: string}[]
    for (const {name: snapshot} of left) {
      expect(await run('snapshot:restore', snapshot)).toMatchObject({exitCode: 0})
      expect(await query(name, 'select count(*)::int as n from t')).toEqual([{n: 50_000}])
    }
    expect(await query(name, 'select count(*)::int as n from t')).toEqual([{n: 50_000}])
  })
})
