import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {createActivity, createUser, Db, homeActivities} from '../../src/index.js'
import {cli, type CliResult, json, start} from '../support/cli.js'
import {failureOf} from '../support/cruddur.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {type Loss, startProxy} from '../support/proxy.js'
import {copyCruddurSql} from '../support/sql-folder.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {type Bouncer, startBouncer} from './bouncer.js'

const database = uniqueName('bounced')
const sessions = 3
let bouncer: Bouncer
const folder = temporaryFolder()

/** Runs the program on the database through pgbouncer, by its own name or another. */
const through = (args: string[], name = database): Promise<CliResult> =>
  cli(args, {env: {CONNECTION_URL: bouncer.url(name)}, cwd: folder})
const sqlFile = async (text: string): Promise<string> => {
  const file = join(folder, `${uniqueName('file')}.sql`)
  await writeFile(file, text)
  return file
}
/** What is left of our work in the server's sessions that pgbouncer lends. */
const leftBehind = (): Promise<object[]> =>
  query(
    'postgres',
    "select a.state, l.locktype from pg_stat_activity a left join pg_locks l on l.pid = a.pid and l.locktype = 'advisory' where a.datname = $1 and (l.pid is not null or a.state <> 'idle')",
    [database],
  )
/** The pooler may still be putting a session in order that a client has just left. */
const nothingIsLeft = (): Promise<void> => expect.poll(leftBehind, {timeout: 20_000}).toEqual([])

beforeAll(async () => {
  await copyCruddurSql(folder)
  await query('postgres', `create database ${database}`)
  for (const command of ['schema:load', 'seed'])
    await cli([command], {env: {CONNECTION_URL: urlOf(database)}, cwd: folder})
  bouncer = await startBouncer({aliased: database, sessions})
})
afterAll(async () => {
  await bouncer.close()
  await query('postgres', `drop database ${database} with (force)`)
})

describe('through pgbouncer in transaction mode', () => {
  it('schema and seed are loaded, again and again, and nothing is left behind', async () => {
    for (const args of [['schema:load', '--force'], ['seed'], ['schema:load', '--force'], ['seed']]) {
      expect(await through(args)).toMatchObject({exitCode: 0})
      await nothingIsLeft()
    }
  })

  it('wait, doctor, sessions, target and the activities answer as without it', async () => {
    expect(await through(['wait'])).toMatchObject({exitCode: 0})
    expect(await through(['doctor'])).toMatchObject({exitCode: 0})
    expect(await through(['target'])).toMatchObject({exitCode: 0})
    const listed = await withConnection(database, async () => json(await through(['sessions', '--json'])))
    expect(listed.result?.['sessions']).toEqual(expect.arrayContaining([expect.objectContaining({database})]))
    expect(
      await through(['activity:create', '--message', 'through a pooler', '--handle', 'ada', '--ttl', '1-day']),
    ).toMatchObject({exitCode: 0})
    expect((await through(['activity:home'])).stdout).toContain('through a pooler')
  })

  it('connect opens psql, and holds nothing read-only that it cannot hold', async () => {
    const args = ['--', '-Atc', 'select 40 + 2']
    expect(await through(['connect', ...args])).toMatchObject({exitCode: 0, stdout: '42'})
    const env = {PROD_CONNECTION_URL: bouncer.url(database)}
    expect(await cli(['connect', 'prod', ...args], {env, cwd: folder})).toMatchObject({exitCode: 5, stdout: ''})
  })

  it('one command at a time works on the database, and what works on it is named', async () => {
    const file = await sqlFile('select pg_sleep(600)')
    const first = start(['seed', '--file', file], {env: {CONNECTION_URL: bouncer.url('alias')}, cwd: folder})
    await untilAsleep()
    for (const url of [bouncer.url(database), urlOf(database)]) {
      const second = await cli(['seed', '--json'], {env: {CONNECTION_URL: url}, cwd: folder})
      expect(json(second).error).toMatchObject({code: 'already_running', exit_code: 5})
    }

    first.kill('SIGINT')
    expect((await first).exitCode).toBe(130)
    await nothingIsLeft()
    expect(await through(['seed', '--file', await sqlFile('select 1')])).toMatchObject({exitCode: 0})
  })

  it('Ctrl-C ends the statement on the server', async () => {
    const file = await sqlFile('create table left_over (); select pg_sleep(600)')
    const running = start(['seed', '--file', file], {env: {CONNECTION_URL: bouncer.url(database)}, cwd: folder})
    await untilAsleep()
    running.kill('SIGINT')
    expect((await running).exitCode).toBe(130)
    expect(
      await query(
        'postgres',
        "select 1 from pg_stat_activity where state = 'active' and query like '%pg_sleep(600)%' and datname = $1",
        [database],
      ),
    ).toEqual([])
    expect(await query(database, "select to_regclass('left_over') as left")).toEqual([{left: null}])
  })

  it('what a file sets does not become what others find', async () => {
    const file = await sqlFile(
      "select pg_catalog.set_config('search_path', '', false); set work_mem = '5MB'; create temp table mine (); set role pg_monitor; listen news;",
    )
    expect(await through(['seed', '--file', file])).toMatchObject({exitCode: 0})
    const db = new Db(bouncer.url(database), {max: sessions, prepare: false})
    const found = await Promise.all(
      Array.from({length: sessions}, () =>
        db.transaction(async (transaction) => {
          await transaction.value('select pg_sleep(0.05)::text')
          return transaction.object(
            "select current_setting('search_path') as path, current_setting('work_mem') as memory, to_regclass('pg_temp.mine') as temp, current_user as role, (select count(*) from pg_listening_channels()) as channels",
          )
        }),
      ),
    )
    expect(new Set(found)).toEqual(
      new Set(['{"path":"\\"$user\\", public","memory":"4MB","temp":null,"role":"postgres","channels":0}']),
    )
    await db.close()
  })

  it.each<[string, Loss['cut'], number, number]>([
    ['a success where the server has committed', 'answered', 0, 1],
    ['a failure where it has rolled back', 'before', 4, 0],
  ])('a lost answer to COMMIT is looked up: %s', async (_what, cut, exitCode, rows) => {
    await query(database, 'drop table if exists looked_up; create table looked_up (a int)')
    const url = new URL(bouncer.url(database))
    const proxy = await startProxy(Number(url.port))
    proxy.loss = {text: 'commit\0', cut}
    url.port = String(proxy.port)
    const file = await sqlFile('insert into looked_up values (1)')
    const result = await cli(['seed', '--file', file], {env: {CONNECTION_URL: url.href}, cwd: folder})
    expect(result).toMatchObject({
      exitCode,
      stderr: expect.stringMatching(exitCode === 0 ? /was committed/ : /was rolled back/) as string,
    })
    expect(await query(database, 'select count(*)::int as n from looked_up')).toEqual([{n: rows}])
    await proxy.close()
    await nothingIsLeft()
  })

  it.each([
    ['a file with transactions of its own', [], 'begin; create table half (); commit; select 1;'],
    ['a file without a transaction', ['--no-transaction'], 'create table half ();'],
  ])('%s is refused before it does anything', async (_what, flags, text) => {
    const failure = json(await through(['seed', '--file', await sqlFile(text), '--json', ...flags])).error
    expect(failure).toMatchObject({code: 'pooled_session', exit_code: 5})
    expect(await query(database, "select to_regclass('half') as half")).toEqual([{half: null}])
    await nothingIsLeft()
  })

  it.each([['create'], ['drop', '--force'], ['setup', '--force'], ['protect'], ['unprotect'], ['undo', '--force']])(
    '%s is refused: the pooler may mean another database by its name',
    async (...args: string[]) => {
      const before = await query('postgres', 'select oid, datname from pg_database order by 1')
      expect(json(await through([...args, '--json'], 'alias')).error).toMatchObject({code: 'pooled', exit_code: 5})
      expect(await query('postgres', 'select oid, datname from pg_database order by 1')).toEqual(before)
      await nothingIsLeft()
    },
  )

  it('a protected database is known by the name that the server has for it', async () => {
    const direct = {env: {CONNECTION_URL: urlOf(database)}, cwd: folder}
    expect(await cli(['protect'], direct)).toMatchObject({exitCode: 0})
    for (const name of ['alias', database]) {
      expect(json(await through(['seed', '--json'], name)).error).toMatchObject({code: 'not_confirmed', exit_code: 7})
    }

    expect(await cli(['unprotect', '--confirm', `${database}@127.0.0.1`], direct)).toMatchObject({exitCode: 0})
    await nothingIsLeft()
  })
})

describe('a Db through pgbouncer in transaction mode', () => {
  it('works without prepared statements, whichever session each of them gets', async () => {
    const db = new Db(bouncer.url(database), {prepare: false})
    const handle = uniqueName('u').slice(0, 20)
    await createUser(db, {display_name: 'Ada', handle, email: `${handle}@example.com`, cognito_user_id: handle})
    await Promise.all(
      Array.from({length: 30}, (_, n) => createActivity(db, {handle, message: `Message ${n}`, ttl: '1-day'})),
    )
    expect(await homeActivities(db, {limit: 30})).toHaveLength(30)
    let rows = 0
    for await (const row of db.stream('select * from generate_series(1, 2000)')) rows += row.length > 0 ? 1 : 0
    expect(rows).toBe(2000)
    const failed = db.transaction(async (transaction) => {
      await transaction.commit('delete from activities')
      await transaction.transaction((nested) => nested.commit('delete from users'))
      throw new RangeError()
    })
    await expect(failed).rejects.toThrow(RangeError)
    expect(await db.value('select count(*) from users where handle = :handle', {handle})).toBe(1)
    await db.close()
  })

  it('has prepared statements from pgbouncer 1.21, and is told before that what to do', async () => {
    const dbs = [new Db(bouncer.url('alias'), {max: 1}), new Db(bouncer.url('alias'), {max: 1})]
    const outcomes: unknown[] = []
    for (const db of dbs)
      outcomes.push(
        await failureOf(
          db.array('users/by-handle', {handle: 'nobody'}).then(() => Promise.reject(new Error('it works'))),
        ),
      )
    const works = expect.objectContaining({message: 'it works'}) as unknown
    const refused = expect.objectContaining({
      code: '42P05',
      next: [expect.stringContaining('prepare: false')],
    }) as unknown
    expect(outcomes).toEqual([works, bouncer.prepares ? works : refused])
    await Promise.all(dbs.map((db) => db.close()))
  })
})

/** Waits until a session of the database sleeps, as the server sees it. */
async function untilAsleep(): Promise<void> {
  await withConnection('postgres', async (client) => {
    for (;;) {
      const {rows} = await client.query(
        "select 1 from pg_stat_activity where state = 'active' and query like '%pg_sleep(600)%' and datname = $1",
        [database],
      )
      if (rows.length > 0) return
    }
  })
}
