import {inspect} from 'node:util'
import {describe, expect, it} from 'vitest'
import {homeActivities} from '../../src/lib/app/activities.js'
import {Db} from '../../src/lib/app/db.js'
import {userByHandle, userProfile} from '../../src/lib/app/users.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {cruddur, failureOf} from '../support/cruddur.js'
import {query} from '../support/databases.js'
import {fakePostgres} from '../support/fake-postgres.js'
import {startProxy} from '../support/proxy.js'

const cruds = cruddur()

describe('connections', () => {
  it('are those of the resolver: a URL, a target, a name', async () => {
    const url = ConnectionUrl.parse(cruds.url, 'test')
    for (const database of [cruds.url, url, {name: 'local', url, origin: {kind: 'embedded' as const}}]) {
      const db = new Db(database)
      expect(await db.value('select current_database()')).toBe(cruds.database)
      await db.close()
    }

    expect(() => new Db('nowhere')).toThrow(expect.objectContaining({code: 'variable_missing'}) as Error)
    process.env['APP_TEST_CONNECTION_URL'] = cruds.url
    const named = new Db('app-test')
    delete process.env['APP_TEST_CONNECTION_URL']
    expect(await named.value('select 1')).toBe(1)
    await named.close()
    expect(() => new Db('mysql://u:secret@h/d')).toThrow(/mysql/)
    expect(() => new Db('mysql://u:secret@h/d')).not.toThrow(/secret/)
    expect(inspect(named, {depth: 10, showHidden: true})).not.toContain(url.password)
  })

  it('that are lost are replaced, and a read does not notice', async () => {
    const db = cruds.open({max: 2})
    await Promise.all([db.value('select 1'), db.value('select 2')])
    await cruds.endSessions()
    expect(await Promise.all([db.value('select 1'), db.value('select 2')])).toEqual([1, 2])
    await cruds.endSessions()
    expect(await db.value('select 3')).toBe(3)
  })

  it('are made with the next server of the URL where the one before is gone', async () => {
    const {host} = new URL(cruds.url)
    const proxy = await startProxy(Number(host.split(':')[1]))
    const db = new Db(cruds.url.replace(host, `127.0.0.1:${proxy.port},${host}`), {max: 1})
    let waiting: Promise<unknown> = Promise.resolve()
    const cut = db.transaction(async (transaction) => {
      await transaction.value('select 1')
      waiting = db.value('select 2')
      await proxy.close()
      return transaction.value('select 1')
    })
    expect(await failureOf(cut)).toMatchObject({code: 'connection_lost'})
    expect(proxy.connections).toBe(1)
    expect(await waiting).toBe(2)
    await db.close()
  })

  it('lost with the answer of a read: it is not run again unless asked for', async () => {
    await cruds.run('create table paid (n int generated always as identity)')
    await cruds.run(
      'create function pay() returns int language sql as $$ insert into paid default values returning n $$',
    )
    const {host} = new URL(cruds.url)
    const proxy = await startProxy(Number(host.split(':')[1]))
    const db = new Db(cruds.url.replace(host, `127.0.0.1:${proxy.port}`), {max: 1})
    const paid = async (): Promise<number> => (await cruds.run('select from paid')).length
    const lose = (): void => void (proxy.loss = {text: 'pay()', cut: 'answered'})
    await db.value('select 1')
    for (const [times, read] of [
      () => db.value('select pay()'),
      () => db.object('select pay()'),
      () => db.array('select pay()'),
    ].entries()) {
      lose()
      expect(await failureOf(read())).toMatchObject({code: 'connection_lost', exitCode: 4})
      expect(await paid()).toBe(times + 1)
    }

    lose()
    expect(await db.value('select pay()', {}, {idempotent: true})).toBe(5)
    expect(await paid()).toBe(5)
    await db.close()
    await proxy.close()
  })

  it('ended by the server during a read: it was rolled back, and is run again', async () => {
    await cruds.run('create sequence attempts')
    await cruds.run('create table tried (n int)')
    await cruds.run(`create function try() returns int language plpgsql as $$ begin
      insert into tried values (1);
      if nextval('attempts') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;
      return 7; end $$`)
    expect(await cruds.open({max: 1}).value('select try()')).toBe(7)
    expect(await cruds.run('select from tried')).toHaveLength(1)
  })

  it('lost during a read of the application: it changes nothing, and is run again', async () => {
    const {host} = new URL(cruds.url)
    const proxy = await startProxy(Number(host.split(':')[1]))
    const db = new Db(cruds.url.replace(host, `127.0.0.1:${proxy.port}`), {max: 1})
    for (const read of [() => homeActivities(db), () => userByHandle(db, 'ada'), () => userProfile(db, 'ada')]) {
      proxy.loss = {text: 'row_to_json', cut: 'answered'}
      await read()
      expect(proxy.loss).toBeUndefined()
    }

    await db.close()
    await proxy.close()
  })

  it('lost during a write are an error: it may have been stored', async () => {
    const db = cruds.open()
    const failure = await failureOf(db.commit('select pg_terminate_backend(pg_backend_pid())'))
    expect(failure).toMatchObject({code: 'connection_lost', exitCode: 4})
    expect(await db.value('select 1')).toBe(1)
  })

  it('that are all in use are waited for, and not for ever', async () => {
    const db = cruds.open({max: 1, waitSeconds: 2})
    await db.transaction(async (transaction) => {
      const failure = await failureOf(db.value('select 1'))
      expect(failure).toMatchObject({
        code: 'pool_exhausted',
        exitCode: 5,
        message: 'All 1 connections of the pool are in use, and none was free within 2 s.',
      })
      expect(await transaction.value('select 1')).toBe(1)
    })
    expect(await Promise.all(Array.from({length: 20}, (_, n) => db.value('select :n::int', {n})))).toHaveLength(20)
  })

  it('that cannot be made say why, as the tools do', async () => {
    const silent = await fakePostgres(undefined)
    const unanswered = new Db(`postgres://u@127.0.0.1:${silent.port}/d`, {waitSeconds: 0.2})
    expect(await failureOf(unanswered.value('select 1'))).toMatchObject({code: 'connect_timeout', exitCode: 4})
    await unanswered.close()
    await silent.close()
    const missing = new Db(ConnectionUrl.parse(cruds.url, 'test').withDatabase('there is none'))
    expect(await failureOf(missing.value('select 1'))).toMatchObject({code: '3D000', exitCode: 5})
    await missing.close()
    const plain = new Db(`${cruds.url}?sslmode=require`)
    expect(await failureOf(plain.value('select 1'))).toMatchObject({code: 'tls_not_offered', exitCode: 4})
    await plain.close()
    const preferred = new Db(`${cruds.url}?sslmode=prefer`)
    expect(await Promise.all([preferred.value('select 1'), preferred.value('select 2')])).toEqual([1, 2])
    await preferred.close()
  })

  it('ask for the password each time, as a token that changes needs it', async () => {
    const role = `token_${cruds.database}`
    let token = 'first'
    await query('postgres', `create role ${role} login password 'first'`)
    const url = new URL(cruds.url)
    url.username = role
    url.password = 'of-the-url'
    const db = new Db(
      ConnectionUrl.parse(url.href, 'url').withPasswords(() => Promise.resolve(token)),
      {max: 1},
    )
    expect(await db.value('select current_user')).toBe(role)
    token = 'second'
    await query('postgres', `alter role ${role} password 'second'`)
    await cruds.endSessions()
    expect(await db.value('select current_user')).toBe(role)
    await cruds.endSessions()
    token = 'wrong'
    expect(await failureOf(db.value('select 1'))).toMatchObject({code: '28P01', exitCode: 4})
    await db.close()
    await query('postgres', `drop role ${role}`)
  })

  it('are closed after what is under way or waiting, and open no more', async () => {
    const db = new Db(cruds.url, {max: 1})
    const closed: Promise<void>[] = []
    let waiting: Promise<unknown> = Promise.resolve()
    const first = await db.transaction(async (transaction) => {
      waiting = db.transaction((second) => second.value('select 2'))
      closed.push(db.close(), db.close())
      return transaction.value('select 1')
    })
    await Promise.all(closed)
    expect([first, await waiting]).toEqual([1, 2])
    expect(await failureOf(db.value('select 1'))).toMatchObject({code: 'pool_closed'})
  })
})
