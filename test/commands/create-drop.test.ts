import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlOf, withConnection} from '../support/databases.js'

describe('create and drop', () => {
  it.each(['', ' Ünïcode "quoted" Name', "-it's-100%", '; drop table x; --', '/slash?#@:', '数据库'])(
    'makes and drops a database whose name ends in %j',
    async (ending) => {
      const name = uniqueName() + ending
      const env = {CONNECTION_URL: urlOf(name)}
      const created = await cli(['create'], {env})
      expect(created).toMatchObject({exitCode: 0, stdout: `Created ${name}.`})
      expect(created.stderr).toMatch(/^local: postgres@127\.0\.0\.1:\d+\//)
      expect(await databaseExists(name)).toBe(true)
      expect(await cli(['create'], {env})).toMatchObject({
        exitCode: 0,
        stdout: `${name} already exists. Nothing was changed.`,
      })
      expect(await cli(['drop'], {env})).toMatchObject({exitCode: 0, stdout: `Dropped ${name}.`})
      expect(await databaseExists(name)).toBe(false)
      expect(await cli(['drop'], {env})).toMatchObject({
        exitCode: 0,
        stdout: `${name} does not exist. Nothing was dropped.`,
      })
    },
  )

  it('creates once when two commands race', async () => {
    const name = uniqueName()
    const env = {CONNECTION_URL: urlOf(name)}
    const results = await Promise.all([1, 2, 3].map(() => cli(['create', '--json'], {env})))
    expect(results.map(({exitCode}) => exitCode)).toEqual([0, 0, 0])
    expect(results.filter((result) => json(result).result?.['created'] === true)).toHaveLength(1)
    await cli(['drop'], {env})
  })

  it('refuses to drop while someone is connected, shows who, and drops with --force', async () => {
    const name = uniqueName()
    const env = {CONNECTION_URL: urlOf(name)}
    await cli(['create'], {env})
    await withConnection(name, async (client) => {
      await client.query("set application_name = 'a colleague'")
      const refused = await cli(['drop'], {env})
      expect(refused.exitCode).toBe(5)
      expect(refused.stdout).toBe('')
      expect(refused.stderr).toContain('1 session is connected')
      expect(refused.stderr).toMatch(/PID +USER/)
      expect(refused.stderr).toContain('a colleague')
      expect(refused.stderr).toContain('--force')
      const document = json(await cli(['drop', '--json'], {env}))
      expect(document.error).toMatchObject({code: 'database_in_use', exit_code: 5})
      expect(document.error?.details['sessions']).toMatchObject([{application: 'a colleague', state: 'idle'}])
      expect(await databaseExists(name)).toBe(true)
      expect(await cli(['drop', '--force'], {env})).toMatchObject({exitCode: 0, stdout: `Dropped ${name}.`})
      expect(await databaseExists(name)).toBe(false)
    })
  })

  it('drops with --force although clients reconnect all the time', async () => {
    const name = uniqueName()
    const env = {CONNECTION_URL: urlOf(name)}
    await cli(['create'], {env})
    let stop = false
    const reconnecting = Array.from({length: 4}, async () => {
      while (!stop) await withConnection(name, (client) => client.query('select 1')).catch(() => undefined)
    })
    const result = await cli(['drop', '--force'], {env})
    stop = true
    await Promise.all(reconnecting)
    expect(result).toMatchObject({exitCode: 0})
    expect(await databaseExists(name)).toBe(false)
  })

  it.each(['postgres', 'template0', 'template1', 'rdsadmin'])('never drops %s', async (name) => {
    const env = {CONNECTION_URL: urlOf(name)}
    for (const args of [
      ['drop', '--force'],
      ['setup', '--force'],
    ]) {
      const result = await cli(args, {env})
      expect(result.exitCode).toBe(7)
      expect(result.stderr).toContain('can never be dropped')
    }
  })

  it('says what the role may not do', async () => {
    const name = uniqueName()
    const env = {CONNECTION_URL: urlOf(name)}
    await cli(['create'], {env})
    const owner = uniqueName('owner')
    await query('postgres', `create role ${owner} login password 'pw'`)
    const url = new URL(urlOf(name))
    url.username = owner
    url.password = 'pw'
    const denied = await cli(['drop'], {env: {CONNECTION_URL: url.href}})
    expect(denied.exitCode).toBe(6)
    expect(denied.stderr).toContain('SQLSTATE 42501')
    await cli(['drop'], {env})
    const uncreated = await cli(['create'], {env: {CONNECTION_URL: url.href}})
    expect(uncreated.exitCode).toBe(6)
    expect(uncreated.stderr).toContain('ermission denied')
    await query('postgres', `drop role ${owner}`)
  })
})
