import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {cli, json, type Running, start} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlOf} from '../support/databases.js'
import {fakePostgres, refusal} from '../support/fake-postgres.js'
import {freePort} from '../support/free-port.js'
import {type Proxy, startProxy} from '../support/proxy.js'

const database = uniqueName('starting')
const main = new URL(urlOf(database))
const envAt = (port: number): {CONNECTION_URL: string} => ({
  CONNECTION_URL: main.href.replace(main.host, `127.0.0.1:${port}`),
})

/** A command under way, and what it has told so far. */
function begin(args: string[], port: number): {running: Running; said: (text: string) => Promise<true>} {
  const running = start(args, {env: envAt(port)})
  let told = ''
  running.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  return {running, said: (text) => vi.waitUntil(() => told.includes(text), {timeout: 20_000, interval: 20})}
}

describe('a server that is just starting', () => {
  let proxy: Proxy
  beforeEach(async () => {
    // Docker's proxy takes connections before the server in the container does, and closes them.
    proxy = await startProxy(Number(main.port))
    proxy.refusing = true
  })
  afterEach(async () => {
    await proxy.close()
    await query('postgres', `drop database if exists ${database}`)
  })

  it.each(['create', 'setup'])(
    'is waited for by %s where connections are closed at once, with one remark',
    async (command) => {
      const {running, said} = begin([command], proxy.port)
      await said(`127.0.0.1:${proxy.port} closed the connection. Trying again for up to 10 s.`)
      proxy.refusing = false
      const {exitCode, stderr} = await running
      expect(exitCode).toBe(0)
      expect(stderr.match(/Trying again/g)).toHaveLength(1)
      expect(await databaseExists(database)).toBe(true)
      await query('postgres', `drop database ${database}`)
    },
  )

  it('is waited for where it says so, and through a restart', async () => {
    await proxy.close()
    const port = await freePort()
    const starting = await fakePostgres(refusal('57P03', 'the database system is starting up'), port)
    const {running, said} = begin(['create'], port)
    await said('The server is not ready: the database system is starting up. Trying again for up to 10 s.')
    await starting.close()
    proxy = await startProxy(Number(main.port), undefined, port)
    expect((await running).exitCode).toBe(0)
  })

  it('is waited for no longer than 10 s, and then the error is what it was, with what to do', async () => {
    const {running} = begin(['setup', '--json'], proxy.port)
    const {exitCode, stdout} = await running
    expect(exitCode).toBe(4)
    const {error, duration_ms: duration} = json({stdout: stdout})
    expect(error).toMatchObject({code: 'connection_closed', message: `127.0.0.1:${proxy.port} closed the connection.`})
    expect(error?.next.at(-1)).toBe('If the server is starting: cruddur-db wait && cruddur-db setup')
    expect(duration).toBeGreaterThan(8000)
    expect(duration).toBeLessThan(20_000)
  })

  it('is left at once on Ctrl-C', async () => {
    const {running, said} = begin(['setup'], proxy.port)
    await said('Trying again')
    running.kill('SIGINT')
    expect(await running).toMatchObject({
      exitCode: 130,
      stderr: expect.stringMatching(/Error: Interrupted\.$/) as string,
    })
  })

  it.each([['drop'], ['seed'], ['sessions']])('is not waited for by %s', async (command) => {
    const result = await cli([command], {env: envAt(proxy.port)})
    expect(result).toMatchObject({exitCode: 4, stderr: expect.not.stringContaining('Trying again') as string})
  })
})

describe('a server that refuses connections', () => {
  it.each([
    ['create', 'local', ''],
    ['setup', 'staging', ' staging'],
  ])('ends %s at once, and names wait', async (command, target, named) => {
    const {CONNECTION_URL: url} = envAt(await freePort())
    const result = await cli(
      [command, target, '--json', ...(command === 'setup' ? ['--confirm', `${database}@127.0.0.1`] : [])],
      {env: {CONNECTION_URL: url, STAGING_CONNECTION_URL: url}},
    )
    const {error} = json(result)
    expect(error).toMatchObject({code: 'ECONNREFUSED', exit_code: 4})
    expect(error?.next.at(-1)).toBe(
      `If the server is starting: cruddur-db wait${named} && cruddur-db ${command}${named}`,
    )
    expect(result.stderr).not.toContain('Trying again')
  })
})
