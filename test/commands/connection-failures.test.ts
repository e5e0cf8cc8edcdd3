import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {fakePostgres, welcome} from '../support/fake-postgres.js'

const password = 'correct-horse-battery'

describe('a connection that fails', () => {
  it.each([
    ['an unknown host', `postgres://u:${password}@nohost.invalid/d`, 'cannot be resolved', 4],
    ['a refused port', `postgres://u:${password}@127.0.0.1:1/d`, 'No server accepts connections at 127.0.0.1:1', 4],
    ['no URL', password, 'is not a URL', 3],
    ['another scheme', `mysql://u:${password}@h/d`, 'not a Postgres URL', 3],
    ['no database', `postgres://u:${password}@h`, 'names no database', 3],
    ['an unescaped #', `postgres://u:${password}#@h/d`, 'unescaped #', 3],
    ['an unescaped @', `postgres://u:${password}@x@h/d`, 'unescaped @', 3],
    ['port 0', `postgres://u:${password}@h:0/d`, 'invalid port 0', 3],
    ['port 99999', `postgres://u:${password}@h:99999/d`, 'invalid port 99999', 3],
    ['an unknown sslmode', `postgres://u:${password}@h/d?sslmode=${password}`, 'sslmode', 3],
  ])('%s: one sentence, a next step, no password', async (what, url, sentence, exitCode) => {
    // Each command has its own way to a server, and one to its URL.
    const others = ['an unknown host', 'a refused port', 'no URL'].includes(what)
      ? ['drop', 'sessions', 'seed', 'schema:load', 'setup']
      : []
    for (const command of ['create', ...others]) {
      const result = await cli([command, '--json'], {env: {CONNECTION_URL: url, DEBUG: '1'}})
      expect(result.exitCode, command).toBe(exitCode)
      expect(json(result).error?.message).toContain(sentence)
      expect(json(result).error?.next.length).toBeGreaterThan(0)
      expect(result.stdout + result.stderr).not.toContain(password)
    }

    const human = await cli(['create'], {env: {CONNECTION_URL: url}})
    expect(human).toMatchObject({exitCode, stdout: ''})
    expect(human.stderr).toContain(sentence)
    expect(human.stderr).not.toContain(password)
    expect(human.stderr).not.toMatch(/\bat .*\.js:\d+/)
  })

  it('tells a wrong password, a missing role and a missing database apart from each other', async () => {
    const database = uniqueName()
    const url = new URL(urlOf('postgres'))
    url.password = password
    const wrong = await cli(['sessions'], {env: {CONNECTION_URL: url.href}})
    expect(wrong).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('refused the password of "postgres"') as string,
    })
    url.username = 'nobody_here'
    const missing = await cli(['sessions'], {env: {CONNECTION_URL: url.href}})
    expect(missing).toMatchObject({exitCode: 4, stderr: expect.stringContaining('"nobody_here"') as string})
    const absent = await cli(['sessions'], {env: {CONNECTION_URL: urlOf(database)}})
    expect(absent).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining(`"${database}" does not exist`) as string,
    })
    expect(wrong.stderr + missing.stderr).not.toContain(password)
  })

  it('gives up on a host that never answers', async () => {
    const silent = await fakePostgres(undefined)
    const url = `postgres://u:${password}@127.0.0.1:${silent.port}/d`
    const byUrl = await cli(['sessions'], {env: {CONNECTION_URL: `${url}?connect_timeout=1`}})
    expect(byUrl).toMatchObject({exitCode: 4, stderr: expect.stringContaining('did not answer within 1 s') as string})
    const byVariable = await cli(['create', '--json'], {env: {CONNECTION_URL: url, PGCONNECT_TIMEOUT: '1'}})
    expect(json(byVariable).error).toMatchObject({code: 'connect_timeout', exit_code: 4})
    await silent.close()
  })

  it.each([
    ['9.6.24', 'The server is Postgres 9.6.24'],
    ['8.0.2 (Redshift)', 'The server is Postgres 8.0.2'],
  ])('refuses a server of version %s', async (version, sentence) => {
    const old = await fakePostgres(welcome(version))
    const result = await cli(['sessions'], {env: {CONNECTION_URL: `postgres://u@127.0.0.1:${old.port}/d`}})
    expect(result).toMatchObject({exitCode: 5, stderr: expect.stringContaining(sentence) as string})
    await old.close()
  })

  it('survives a port where something else listens', async () => {
    const web = await fakePostgres(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const result = await cli(['sessions'], {
      env: {CONNECTION_URL: `postgres://u@127.0.0.1:${web.port}/d?connect_timeout=1`},
    })
    expect(result.exitCode).toBe(4)
    expect(result.stderr).not.toContain('bug')
    await web.close()
  })

  it('survives an authentication that it does not know', async () => {
    const gssapi = await fakePostgres(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 7]))
    const result = await cli(['sessions', '--json'], {env: {CONNECTION_URL: `postgres://u@127.0.0.1:${gssapi.port}/d`}})
    expect(json(result).error).toMatchObject({code: 'authentication_unsupported', exit_code: 4})
    await gssapi.close()
  })

  it('tries the next host of a list', async () => {
    const url = new URL(urlOf('postgres'))
    const list = url.href.replace(url.host, `127.0.0.1:1,${url.host}`)
    expect(await cli(['sessions'], {env: {CONNECTION_URL: list}})).toMatchObject({exitCode: 0})
  })

  it('speaks TLS only where it has to: prefer falls back, require does not', async () => {
    const url = urlOf('postgres')
    expect(await cli(['sessions'], {env: {CONNECTION_URL: `${url}?sslmode=prefer`}})).toMatchObject({exitCode: 0})
    expect(await cli(['sessions'], {env: {CONNECTION_URL: `${url}?sslmode=require`}})).toMatchObject({exitCode: 4})
  })
})
