import {once} from 'node:events'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, json, start} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {fakePostgres} from '../support/fake-postgres.js'
import {type Proxy, startProxy} from '../support/proxy.js'

// A connection that is begun before oclif is loaded must be what the command would have made itself.
describe('a preconnection', () => {
  const application = uniqueName('head')
  const database = uniqueName('head')
  let proxy: Proxy
  let url: URL

  beforeAll(async () => {
    await query('postgres', `create database ${database}`)
    url = new URL(`${urlOf(database)}?sslmode=disable&application_name=${application}`)
    proxy = await startProxy(Number(url.port))
    url.port = String(proxy.port)
  })
  afterAll(async () => {
    await proxy.close()
    await query('postgres', `drop database ${database}`)
  })

  const sessions = (args: string[], CONNECTION_URL = url.href): ReturnType<typeof cli> => {
    proxy.connections = 0
    return cli(['sessions', ...args], {env: {CONNECTION_URL}})
  }

  it('is the one connection of the command', async () => {
    expect(await sessions([])).toMatchObject({exitCode: 0})
    expect(proxy.connections).toBe(1)
  })

  it.each([[[]], [['--json']]])(
    'that is refused fails as the command does with %j, without another try',
    async (args) => {
      const wrong = new URL(url)
      wrong.password = 'wrong'
      const result = await sessions(args, wrong.href)
      expect(result.exitCode).toBe(4)
      if (args.length > 0) expect(json(result).error).toMatchObject({code: '28P01'})
      else expect(result.stderr).toMatch(/^Error: .*password/m)
      expect(proxy.connections).toBe(1)
    },
  )

  it('is given up where oclif refuses the line, in order', async () => {
    const abandoned = (): Promise<object[]> =>
      query(
        'postgres',
        'select pg_stat_clear_snapshot(), sum(sessions_abandoned) from pg_stat_database where datname = $1',
        [database],
      )
    const before = await abandoned()
    const result = await sessions(['--blocking', '--all'])
    expect(result).toMatchObject({exitCode: 2, stdout: ''})
    expect(proxy.connections).toBe(1)
    await expect
      .poll(() => query('postgres', 'select from pg_stat_activity where application_name = $1', [application]), {
        timeout: 20_000,
      })
      .toHaveLength(0)
    expect(await abandoned()).toEqual(before)
  })

  it('that hangs ends with Ctrl-C', async () => {
    const silent = await fakePostgres(undefined)
    const hanging = new URL(url)
    hanging.port = String(silent.port)
    const running = start(['sessions'], {env: {CONNECTION_URL: hanging.href}})
    // Its own word that the command has begun.
    await once(running.stderr, 'data')
    running.kill('SIGINT')
    expect(await running).toMatchObject({exitCode: 130})
    await silent.close()
  })
})
