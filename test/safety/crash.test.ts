import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'
import {execa} from 'execa'
import {Client} from 'pg'
import {afterAll, beforeAll, describe, expect, inject, it, vi} from 'vitest'
import {cli, json, program} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {withServerHome} from '../support/server-home.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** At how many moments of a setup it is interrupted. */
    moments: number
  }
}

const moments = inject('moments')
vi.setConfig({testTimeout: 120_000 + moments * 6000})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cruddur-crash-'))
})
afterAll(() => rm(folder, {recursive: true, force: true}))

async function ask<Row extends object>(url: string, database: string, sql: string): Promise<Row[]> {
  const at = new URL(url)
  at.pathname = `/${database}`
  const client = new Client({connectionString: at.href})
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

/** Puts the old database in place: what must be there afterwards unless the new one is complete. */
async function fill(url: string, name: string): Promise<void> {
  await ask(url, 'postgres', `drop database if exists "${name}" with (force)`)
  await ask(url, 'postgres', `create database "${name}"`)
  await ask(url, name, "create table treasure as select 'gold' as what from generate_series(1, 100)")
}

/** What stands under the name: the old data, or the new one complete; anything else is what must never be. */
async function contents(url: string, name: string): Promise<string> {
  const [tables] = await ask<{old: boolean; users: boolean}>(
    url,
    name,
    "select to_regclass('treasure') is not null as old, to_regclass('users') is not null as users",
  )
  if (tables?.old === true && !tables.users) {
    const [row] = await ask<{n: number}>(url, name, 'select count(*)::int as n from treasure')
    return row?.n === 100 ? 'old' : 'less than the old'
  }

  if (tables?.users !== true) return 'neither'
  const [row] = await ask<{u: number; a: number}>(url, name, 'select (select count(*) from users)::int as u, (select count(*) from activities)::int as a')
  return row?.u === 3 && row.a === 4 ? 'new' : 'less than the new'
}

/** Runs any command that looks, until the session of the one that was killed is gone from the server. */
async function look(env: NodeJS.ProcessEnv): Promise<void> {
  for (;;) {
    const result = await cli(['create', '--json'], {env, cwd: folder})
    if (result.exitCode === 0) return
    expect(json(result).error?.code).toBe('already_running')
  }
}

async function strays(url: string, name: string): Promise<string[]> {
  const rows = await ask<{datname: string}>(url, 'postgres', `select datname from pg_database where datname like '${name}%' and datname <> '${name}'`)
  return rows.map(({datname}) => datname)
}

/** How long a whole setup of a filled database takes: the moments are spread a little beyond it. */
async function lengthOfSetup(url: string, name: string, env: NodeJS.ProcessEnv): Promise<number> {
  await fill(url, name)
  const start = performance.now()
  expect(await cli(['setup', '--no-undo'], {env, cwd: folder})).toMatchObject({exitCode: 0})
  return performance.now() - start
}

describe('a setup of a filled database', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)('that gets %s at any moment leaves the old data or all of the new', async (signal) => {
    const name = uniqueName('crash')
    const url = urlOf(name)
    const env = {CONNECTION_URL: url}
    const length = await lengthOfSetup(url, name, env)
    const seen = {old: 0, new: 0}
    for (let moment = 0; moment < moments; moment += 1) {
      await fill(url, name)
      const running = execa(process.execPath, [program, 'setup', '--no-undo'], {env, cwd: folder, reject: false})
      await Promise.race([delay((1.2 * length * (moment + 0.5)) / moments), running])
      running.kill(signal)
      await running
      await look(env)
      const found = await contents(url, name)
      expect(['old', 'new'], `after ${signal} at moment ${moment} of ${moments}`).toContain(found)
      seen[found as 'old' | 'new'] += 1
      expect(await strays(url, name)).toEqual([])
    }

    console.log(`${signal} at ${moments} moments: old data ${seen.old} times, new data ${seen.new} times, nothing less`)
    await ask(url, 'postgres', `drop database "${name}" with (force)`)
  })

  it('from the cache, or for it, that is killed at any moment leaves old or new data, and nothing half made is ever copied', async () => {
    await withServerHome(async (home) => {
      const server = new URL((await cli(['server:start'], {env: home})).stdout)
      server.pathname = '/filled'
      const url = server.href
      const env = {...home, CONNECTION_URL: url}
      const length = await lengthOfSetup(url, 'filled', env)
      const times = 2 * Math.ceil(moments / 4)
      const seen = {old: 0, new: 0}
      for (let moment = 0; moment < times; moment += 1) {
        await fill(url, 'filled')
        // Every other one finds nothing kept, and keeps what it has made.
        if (moment % 2 === 0) expect(await cli(['cache', '--clear'], {env})).toMatchObject({exitCode: 0})
        const running = execa(process.execPath, [program, 'setup', '--no-undo', '--cached'], {env, cwd: folder, reject: false})
        await Promise.race([delay((1.6 * length * (moment + 0.5)) / times), running])
        running.kill('SIGKILL')
        await running
        await look(env)
        const found = await contents(url, 'filled')
        expect(['old', 'new'], `at moment ${moment} of ${times}`).toContain(found)
        seen[found as 'old' | 'new'] += 1
        expect(await strays(url, 'filled')).toEqual([])
        expect(await cli(['setup', '--no-undo', '--cached'], {env, cwd: folder})).toMatchObject({exitCode: 0})
        expect(await contents(url, 'filled')).toBe('new')
      }

      console.log(`--cached killed at ${times} moments: old data ${seen.old} times, new data ${seen.new} times, nothing less`)
    })
  })

  it('whose server is killed at any moment leaves the old data or all of the new', async () => {
    await withServerHome(async (env) => {
      const {stdout: url} = await cli(['server:start'], {env})
      const length = await lengthOfSetup(url, 'cruddur', env)
      const times = Math.ceil(moments / 5)
      for (let moment = 0; moment < times; moment += 1) {
        await fill(url, 'cruddur')
        const {pid} = json(await cli(['server:status', '--json'], {env})).result as {pid: number}
        const running = execa(process.execPath, [program, 'setup', '--no-undo'], {env, cwd: folder, reject: false})
        await Promise.race([delay((1.2 * length * (moment + 0.5)) / times), running])
        process.kill(pid, 'SIGKILL')
        const {exitCode} = await running
        expect([0, 4]).toContain(exitCode)
        await look(env)
        expect(['old', 'new'], `after the server died at moment ${moment} of ${times}`).toContain(await contents(url, 'cruddur'))
        expect(await strays(url, 'cruddur')).toEqual([])
      }

      console.log(`The server killed at ${times} moments: old or new data each time, nothing less`)
    })
  })
})
