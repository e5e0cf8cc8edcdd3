import {describe, expect, it, vi} from 'vitest'
import {cli, json, start} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {fakePostgres, refusal} from '../support/fake-postgres.js'
import {startProxy} from '../support/proxy.js'
import {startTlsServer} from '../support/tls-server.js'

const main = new URL(urlOf('postgres'))
const urlAt = (port: number): string => main.href.replace(main.host, `127.0.0.1:${port}`)

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = await fakePostgres(undefined)
  await server.close()
  return server.port
}

describe('wait', () => {
  it('ends at once where a query is answered', async () => {
    const result = await cli(['wait', '--json'], {env: {CONNECTION_URL: main.href}})
    expect(result.exitCode).toBe(0)
    expect(json(result).result).toMatchObject({database: 'postgres', exists: true, attempts: 1})
  })

  it('takes the answer that the database does not exist, and says what makes it', async () => {
    const database = uniqueName('awaited')
    const env = {CONNECTION_URL: urlOf(database), STAGING_CONNECTION_URL: urlOf(database)}
    const result = await cli(['wait', 'staging'], {env})
    expect(result.exitCode).toBe(0)
    expect(result.stdout).toMatch(
      new RegExp(
        `^The server answered after .*\\.\nThe database "${database}" does not exist yet. To build it: cruddur-db setup staging$`,
      ),
    )
    expect(json(await cli(['wait', '--json'], {env})).result).toMatchObject({database, exists: false, attempts: 1})
  })

  it('waits for the database itself with --database, which may be created meanwhile', async () => {
    const database = uniqueName('awaited')
    const env = {CONNECTION_URL: urlOf(database)}
    const running = start(['wait', '--database'], {env})
    let told = ''
    running.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
    await vi.waitUntil(() => told.includes(`Waiting: The database "${database}" does not exist.`), {
      timeout: 20_000,
      interval: 20,
    })
    await query('postgres', `create database ${database}`)
    const {exitCode, stdout} = await running
    expect({exitCode, stdout}).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(new RegExp(`^${database} answered after \\d`)) as string,
    })
    await query('postgres', `drop database ${database}`)
    const late = await cli(['wait', '--database', '--timeout', '500ms', '--json'], {env})
    expect(late.exitCode).toBe(4)
    expect(json(late).error).toMatchObject({code: 'wait_timeout', details: {last: '3D000'}})
  })

  it('tries again while nothing listens and while the server starts up, and says so once each', async () => {
    const port = await freePort()
    const running = start(['wait'], {env: {CONNECTION_URL: urlAt(port)}})
    let told = ''
    running.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
    const said = (text: string): Promise<true> =>
      vi.waitUntil(() => told.includes(text), {timeout: 20_000, interval: 20})
    await said('No server accepts connections')
    const starting = await fakePostgres(refusal('57P03', 'the database system is starting up'), port)
    await said('not ready')
    await starting.close()
    const proxy = await startProxy(Number(main.port), undefined, port)
    const {exitCode, stdout, stderr} = await running
    expect({exitCode, stdout}).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^postgres answered after \d/) as string,
    })
    expect(stderr.match(/Waiting: The server is not ready: the database system is starting up\./g)).toHaveLength(1)
    await proxy.close()
  })

  it.each([
    ['a wrong password', main.href.replace(main.password, 'wrong'), 4, '28P01'],
    ['TLS that is not there', `${main.href}?sslmode=require`, 4, 'tls_not_offered'],
  ])('stops at once at %s', async (_, CONNECTION_URL, exitCode, code) => {
    const result = await cli(['wait', '--json'], {env: {CONNECTION_URL}})
    expect(result.exitCode).toBe(exitCode)
    expect(json(result).error?.code).toBe(code)
    expect(json(result).duration_ms).toBeLessThan(20_000)
  })

  it('stops at once at a certificate that does not verify', async () => {
    const server = await startTlsServer()
    const result = await cli(['wait', '--json'], {
      env: {CONNECTION_URL: server.url({sslmode: 'verify-full', sslrootcert: 'system'})},
    })
    expect(json(result).error).toMatchObject({code: 'tls_unknown_root', exit_code: 4})
    expect(json(result).duration_ms).toBeLessThan(20_000)
    await server.close()
  })

  it('gives up when the time is over, and says what it was waiting for', async () => {
    const result = await cli(['wait', '--timeout', '1', '--json'], {env: {CONNECTION_URL: urlAt(await freePort())}})
    expect(result.exitCode).toBe(4)
    const {error, duration_ms: duration} = json(result)
    expect(error).toMatchObject({code: 'wait_timeout', details: {last: 'ECONNREFUSED'}})
    expect(error?.message).toMatch(/^local did not answer within 1 s: No server accepts connections/)
    expect(error?.next.join()).toContain('cruddur-db doctor local')
    expect(duration).toBeLessThan(20_000)
    const silent = await fakePostgres(undefined)
    const hanging = await cli(['wait', '--timeout', '900ms', '--json'], {env: {CONNECTION_URL: urlAt(silent.port)}})
    expect(json(hanging).error).toMatchObject({code: 'wait_timeout'})
    expect(json(hanging).duration_ms).toBeLessThan(20_000)
    await silent.close()
  })

  it.each(['soon', '', '-1', '5x'])('answers --timeout %j with exit 2 and what to write', async (text) => {
    expect(await cli(['wait', `--timeout=${text}`], {env: {CONNECTION_URL: main.href}})).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `Error: --timeout must be a time, not ${JSON.stringify(text)}.\n  Write a number and a unit, for example 30s, 5m, 2h or 1d.`,
    })
  })

  it('waits for longer than a timer can', async () => {
    expect(await cli(['wait', '--timeout', '99d'], {env: {CONNECTION_URL: main.href}})).toMatchObject({
      exitCode: 0,
      stderr: expect.not.stringContaining('Warning') as unknown,
    })
  })

  it('tries once with --timeout 0', async () => {
    const result = await cli(['wait', '--timeout', '0', '--json'], {env: {CONNECTION_URL: urlAt(await freePort())}})
    expect(json(result).error).toMatchObject({code: 'wait_timeout', details: {attempts: 1}})
  })
})
