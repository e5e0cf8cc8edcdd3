import {setTimeout as delay} from 'node:timers/promises'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {Client} from 'pg'
import {cli, json, start} from '../support/cli.js'
import {uniqueName, untilRows, urlOf, withConnection} from '../support/databases.js'
import {connectAs} from '../support/session-clients.js'
import {Migrations, steps, up, version} from '../support/migrations.js'
import {writeSql} from '../support/sql-folder.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
const its = new Migrations(uniqueName('locked'), folder)
const env = {CONNECTION_URL: urlOf(its.database)}
let holder: Client
let pid: number

beforeAll(() => its.empty())
afterAll(() => its.drop())
beforeEach(async () => {
  await its.ask('drop table if exists t, schema_migrations; create table t (n int); insert into t values (1)')
})

/** Another program has read the table, and leaves its transaction open while `use` runs. */
async function behind<T>(use: () => Promise<T>): Promise<T> {
  ;({client: holder, pid} = await connectAs('the api', its.database))
  try {
    await holder.query('begin; select * from t')
    return await use()
  } finally {
    await holder.end()
  }
}

const waiting = "select pid from pg_locks where not granted and relation = 't'::regclass"

describe('behind an open transaction', () => {
  it('migrate gives up after a time, names the holder, and has let all others through meanwhile', async () => {
    await its.write({1: up('create table a ();\nalter table t add b int;\nselect 1;')})
    await behind(async () => {
      const running = start(['migrate', '--lock-timeout', '300ms', '--wait', '2s'], {env, cwd: folder})
      await withConnection(its.database, async (reader) => {
        // It fails if it waits for much longer than the time for one lock.
        await reader.query("set lock_timeout = '1s'")
        let reads = 0
        for (; running.exitCode === null; reads++) {
          await reader.query('select * from t')
          await delay(20)
        }
        expect(reads).toBeGreaterThan(5)
      })
      const {exitCode, stdout, stderr} = await running
      expect({exitCode, stdout}).toEqual({exitCode: 5, stdout: ''})
      const named = `t is held by the api \\(process ${pid}, idle in transaction, for [\\d.]+ m?s\\)`
      expect(stderr).toMatch(new RegExp(`^${named}\\. Rolled back; trying again for up to 2\\.0 s\\.$`, 'm'))
      expect(stderr).toMatch(
        new RegExp(
          `^Error: ${named}\\. Tried for 2\\.0 s\\. sql/migrations/\\d+_m1\\.sql was rolled back\\.\n.*\n  To end it: cruddur-db sessions:kill ${pid}$`,
          'm',
        ),
      )
      expect(stderr.match(/Rolled back/g)).toHaveLength(1)
    })
    expect(await its.ask("select to_regclass('a') as a")).toEqual([{a: null}])
  })

  it('migrate goes through once that has ended, each statement of it once', async () => {
    await its.write({
      1: up('insert into t values (2);'),
      2: up('insert into t values (3);\ncopy t from stdin;\n4\n\\.\nalter table t add b int;'),
      3: steps(
        'insert into t values (5);\nalter table t add c int;\nalter table t add d int;\ncreate index concurrently i on t (n);',
      ),
    })
    for (const from of [2, 3]) {
      await behind(async () => {
        const running = its.apply({to: version(from), waits: {lockTimeoutMs: 100, waitMs: 60_000}})
        await untilRows(its.database, waiting)
        await untilRows(its.database, `select 1 where not exists (${waiting})`)
        await untilRows(its.database, waiting)
        await holder.query('commit')
        expect(await running).toMatchObject({
          result: {
            applied: expect.arrayContaining(
              [{version: version(from)}].map((some) => expect.objectContaining(some) as object),
            ) as object[],
          },
        })
      })
    }
    expect(await its.ask('select array_agg(n order by n) as n from t')).toEqual([{n: [1, 2, 3, 4, 5]}])
    expect(await its.recorded()).toEqual([version(1), version(2), version(3)])
  })

  it('a step that cannot get its lock is a failure with its place, and what came before is kept', async () => {
    await its.write({1: steps('create table if not exists a ();\nalter table t add b int;')})
    await behind(async () => {
      const {error} = await its.apply({waits: {lockTimeoutMs: 50, waitMs: 0}})
      expect(error).toMatchObject({code: 'lock_timeout', exitCode: 5})
      expect(error?.message).toMatch(
        /\. The statement in sql\/migrations\/\d+_m1\.sql:3 was rolled back\. The statements before this one are kept\./,
      )
    })
    expect((await its.status()).result?.migrations).toMatchObject([{state: 'half done', statements: 1}])
    await behind(async () => {
      await its.write({1: steps('create table if not exists a ();\ncreate index concurrently i on t (n);')})
      await holder.query('commit; begin isolation level repeatable read; insert into t values (2)')
      expect(await its.apply({waits: {lockTimeoutMs: 50, waitMs: 50}})).toMatchObject({error: {code: 'lock_timeout'}})
      // The transaction does not let it be removed either.
      expect((await its.status()).result).toMatchObject({invalidIndexes: ['i']})
    })
    expect(await its.apply()).toMatchObject({result: {applied: [{}]}})
    expect((await its.status()).result).toMatchObject({invalidIndexes: [], migrations: [{state: 'applied'}]})
  })

  it('schema:load and seed do the same, if told or on a protected target', async () => {
    await writeSql(folder, {
      schema: 'create table made ();\nalter table t add b int;',
      seed: 'lock table t in share row exclusive mode; insert into t values (9);',
    })
    const flags = ['--lock-timeout', '300ms', '--wait', '1s', '--json']
    await behind(async () => {
      await holder.query('lock table t in row exclusive mode')
      for (const args of [
        ['schema:load', '--force'],
        ['seed'],
        ['seed', 'prod', '--confirm', `${its.database}@127.0.0.1`],
      ]) {
        const {error} = json(
          await cli([...args, ...flags], {env: {...env, PROD_CONNECTION_URL: urlOf(its.database)}, cwd: folder}),
        )
        expect(error, args.join(' ')).toMatchObject({
          code: 'lock_timeout',
          exit_code: 5,
          details: {relation: 't', holders: [{pid, application: 'the api', state: 'idle in transaction'}]},
        })
      }
    })
    expect(await its.ask("select to_regclass('made') as made, count(*)::int as n from t")).toEqual([{made: null, n: 1}])
    expect(await cli(['seed', '--wait', 'soon'], {env, cwd: folder})).toMatchObject({exitCode: 2})
  })
})

it('two runners at once apply each migration once, and the second says that it waits', async () => {
  const files = Array.from({length: 10}, (_, n) => [String(n + 1), up(`insert into t values (${n + 10});`)] as const)
  await its.write({...Object.fromEntries(files), 11: up('select pg_sleep(1.5);')})
  const [first, second] = await Promise.all([
    cli(['migrate'], {env, cwd: folder}),
    untilRows(
      'postgres',
      "select 1 from pg_stat_activity where datname = $1 and query like '%pg_sleep%' and pid <> pg_backend_pid()",
      [its.database],
    ).then(() => its.apply()),
  ])
  expect(first).toMatchObject({exitCode: 0, stdout: expect.stringMatching(/^Applied 11 migrations to /m) as string})
  expect(second.result?.applied).toEqual([])
  expect(second.said).toEqual([
    expect.stringMatching(/^Another command is using ".*": cruddur-db .*Waiting\.$/) as string,
  ])
  expect(await its.ask('select count(*)::int as n, count(distinct n)::int as d from t')).toEqual([{n: 11, d: 11}])
})

it.each([
  ['one transaction', up('create table made ();\nselect pg_sleep(60);'), null, []],
  ['steps', steps('create table made ();\nselect pg_sleep(60);'), 'made', [`${version(1)} (half done)`]],
])('an interrupted migration that is %s ends on the server, too', async (_, text, made, recorded) => {
  await its.ask('drop table if exists made')
  await its.write({1: text})
  const running = start(['migrate'], {env, cwd: folder})
  const sleeping = `select pid from pg_stat_activity where datname = $1 and query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and state = 'active'`
  await untilRows('postgres', sleeping, [its.database])
  running.kill('SIGINT')
  expect(await running).toMatchObject({exitCode: 130, stdout: ''})
  await untilRows('postgres', `select 1 where not exists (${sleeping})`, [its.database])
  expect(await its.ask("select to_regclass('made')::text as made")).toEqual([{made}])
  expect(await its.recorded()).toEqual(recorded)
})
