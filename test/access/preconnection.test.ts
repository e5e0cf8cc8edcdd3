import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Client} from 'pg'
import {describe, expect, it} from 'vitest'
import {Preconnection} from '../../src/lib/access/preconnection.js'
import {close} from '../../src/lib/postgres/connect/close.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {withServerHome} from '../support/server-home.js'

const never = new AbortController().signal

describe('a login that is held', () => {
  it('sees the database, and its settings, as they are when it is finished', async () => {
    const name = uniqueName('early')
    const login = new Preconnection(ConnectionUrl.parse(urlOf(name), 'url'), {signal: never, hold: true})
    await query('postgres', `create database ${name}`)
    await query('postgres', `alter database ${name} set cruddur.answer = '42'`)
    const connected = await login.finish()
    const {rows} = (await connected?.client.query("select current_setting('cruddur.answer') as answer")) ?? {}
    expect(rows).toEqual([{answer: '42'}])
    if (connected !== undefined) await close(connected.client)
    await query('postgres', `drop database ${name} with (force)`)
  })

  it('gives no session where there is no database, and none once it is abandoned', async () => {
    const missing = new Preconnection(ConnectionUrl.parse(urlOf(uniqueName('missing')), 'url'), {
      signal: never,
      hold: true,
    })
    expect(await missing.finish()).toBeUndefined()
    const abandoned = new Preconnection(ConnectionUrl.parse(urlOf('postgres'), 'url'), {signal: never, hold: true})
    await abandoned.abandon()
    expect(await abandoned.finish()).toBeUndefined()
  })

  it('gives none where the server lets it in without a password: it has read the settings too early', async () => {
    await withServerHome(async (env) => {
      const {stdout: url} = await cli(['server:start', '--url'], {env})
      const {data} = json(await cli(['server:status', '--json'], {env})).result as {data: string}
      await writeFile(join(data, 'pg_hba.conf'), 'host all all 127.0.0.1/32 trust\n')
      const postgres = ConnectionUrl.parse(url, 'url').withDatabase('postgres')
      const client = new Client({connectionString: postgres.toStringWithPassword()})
      await client.connect()
      await client.query('select pg_reload_conf()')
      const ended = async (): Promise<number> => {
        const {
          rows: [row],
        } = await client.query<{ended: number}>(`
          select (sessions - (select count(*) from pg_stat_activity where datname = 'postgres' and backend_type = 'client backend'))::int as ended
          from pg_stat_database where datname = 'postgres'`)
        return row?.ended ?? NaN
      }
      const before = await ended()
      const early = new Preconnection(postgres, {signal: never, hold: true})
      // It has come and gone by itself.
      await expect.poll(ended, {timeout: 20_000}).toBeGreaterThan(before)
      expect(await early.finish()).toBeUndefined()
      await client.end()
    })
  })
})
