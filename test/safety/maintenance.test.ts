import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {ask} from '../support/databases.js'
import {withOwnServer} from '../support/other-server.js'
import type {OwnServer} from '../support/own-server.js'

async function succeedsFor({url}: OwnServer, role: string): Promise<void> {
  const env = {CONNECTION_URL: Object.assign(new URL(url('app')), {username: role, password: 'pw'}).href}
  const results = [await cli(['create'], {env}), await cli(['drop'], {env})]
  expect(results.map(({stdout}) => stdout)).toEqual(['Created app.', 'Dropped app.'])
  expect(await cli(['setup'], {env})).toMatchObject({exitCode: 0})
  await cli(['drop', '--discard-undo'], {env})
}

describe('a role that may not connect to the database postgres', () => {
  it('creates, sets up and drops its database from template1', async () => {
    await withOwnServer(async (server) => {
      const ask1 = (text: string): Promise<unknown> => ask(server.url('template1'), text)
      await ask1("create role app login createdb password 'pw'")
      // Without the privilege CONNECT.
      await ask1('revoke connect on database postgres from public')
      await succeedsFor(server, 'app')
      // Closed for all.
      await ask1('alter database postgres allow_connections false')
      await succeedsFor(server, 'app')
      await ask1('alter database postgres allow_connections true')
      // Refused by pg_hba.conf.
      const file = join(server.data, 'pg_hba.conf')
      const rules = await readFile(file, 'utf8')
      await writeFile(file, `host postgres app 127.0.0.1/32 reject\n${rules}`)
      await ask1('select pg_reload_conf()')
      await succeedsFor(server, 'app')
    })
  })

  it('is told so, where it may not connect to template1 either', async () => {
    await withOwnServer(async ({url}) => {
      await ask(url('postgres'), "create role app login createdb password 'pw'")
      for (const name of ['postgres', 'template1'])
        await ask(url('postgres'), `revoke connect on database ${name} from public`)
      const env = {CONNECTION_URL: Object.assign(new URL(url('app')), {username: 'app', password: 'pw'}).href}
      const result = await cli(['create'], {env})
      expect(result).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining('permission denied for database "postgres"') as string,
      })
    })
  })
})
