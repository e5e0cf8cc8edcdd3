import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Db, type DbOptions} from '../../src/lib/app/db.js'
import {parseJson} from '../../src/lib/app/json.js'
import type {QueryReport} from '../../src/lib/app/queries.js'
import type {TransactionOptions} from '../../src/lib/app/transaction.js'
import type {CruddurError} from '../../src/lib/errors.js'
import {cruddur, failureOf} from '../support/cruddur.js'
import {folderOfTest} from '../support/temporary-folder.js'

const cruds = cruddur()

describe('value, object, array and commit', () => {
  it('give what is ready to send, and {} and [] where there is nothing', async () => {
    const db = cruds.open()
    expect(await db.array('select n, n || :suffix as text from generate_series(1, 2) n', {suffix: 'x'})).toBe(
      '[{"n":1,"text":"1x"},{"n":2,"text":"2x"}]',
    )
    expect(await db.array('select 1 where false')).toBe('[]')
    expect(await db.object('select n from generate_series(1, 2) n order by n desc')).toBe('{"n":2}')
    expect(await db.object('select 1 where false')).toBe('{}')
    expect(await db.value('select count(*) from generate_series(1, 3)')).toBe(3)
    expect(await db.value('select null::text')).toBeNull()
    expect(await db.value('select 1 where false')).toBeUndefined()
  })

  it.each([
    ['select 1, 2', 1],
    ['select 1 as a, 2 as a', 1],
    ['select 1 as "2", 2 as "1", 3 as "0"', 1],
    ['select 1 as __proto__, 2 as "0"', 1],
    ['select 1 as constructor', 1],
    ['select null as "1", 2 as "0"', null],
    [`select 'a'::text as x, 'b'::text as "first column"`, 'a'],
    ['select row(1, 2), 3', {f1: 1, f2: 2}],
    ['table pair order by a desc', 3],
    ['values (5, 6)', 5],
    ["select '[1, {}]'::json as b, 0 as a", [1, {}]],
    ['select pg_sleep(0), 1', ''],
    ['select', undefined],
    ['select from users', undefined],
  ])('value is the first column: %s', async (sql, value) => {
    await cruds.run('create table if not exists pair as select 3 as b, 4 as a')
    expect(await cruds.open().value(sql)).toEqual(value)
  })

  it('shape every type as Postgres does, instants to the microsecond', async () => {
    const json = await cruds
      .open()
      .object<Record<string, unknown>>(
        `select true as b, 1.5::numeric as n, timestamptz '2026-01-02 03:04:05.678901Z' as t, array[1, 2] as a, '{"x": 1}'::jsonb as j, interval '1 day' as i;`,
      )
    const {t, ...others} = parseJson(json)
    expect(others).toEqual({b: true, n: 1.5, a: [1, 2], j: {x: 1}, i: '1 day'})
    expect(String(t)).toMatch(/^2026-01-02T\d\d:\d\d:05\.678901[+-]\d\d:\d\d$/)
    expect(Date.parse(String(t))).toBe(Date.parse('2026-01-02T03:04:05.678Z'))
  })

  it('write, with RETURNING and without, with a list of WITH and without', async () => {
    const db = cruds.open()
    expect(await db.commit('create table notes (id int generated always as identity, text text)')).toBe('[]')
    expect(await db.commit('insert into notes (text) values (:text) returning id, text', {text: "it's"})).toBe(
      '[{"id":1,"text":"it\'s"}]',
    )
    expect(await db.commit('insert into notes (text) values (:text)', {text: 'b'})).toBe('[]')
    const moved =
      'with gone as (delete from notes where text = :text returning *) insert into notes (text) select text from gone returning id;'
    expect(await db.commit(moved, {text: 'b'})).toBe('[{"id":3}]')
    expect(await db.commit('with gone as (delete from notes returning *) select count(*) from gone')).toBe(
      '[{"count":2}]',
    )
    expect(await db.commit('delete from notes returning id')).toBe('[]')
  })

  it('say what the server refused, by SQLSTATE, and hold text for no more than text', async () => {
    const db = cruds.open()
    expect(await failureOf(db.array('select nothing'))).toMatchObject({code: '42703', exitCode: 6})
    expect(await db.value('select :text::text', {text: "'; drop table users; --"})).toBe("'; drop table users; --")
    expect(await failureOf(db.commit('drop table activities; drop table users'))).toMatchObject({code: '42601'})
    expect(await failureOf(db.value('select :text::text', {text: 'a\0b'}))).toMatchObject({code: '22021'})
    const megabyte = 'é👍'.repeat(175_000)
    expect(await db.value('select :text::text', {text: megabyte})).toBe(megabyte)
    expect(
      parseJson(await db.array('select n, :text::text as text from generate_series(1, 9) n', {text: megabyte})),
    ).toHaveLength(9)
    expect(await db.value('select count(*) from users')).toBe(3)
  })

  it('send what pg can write, and nothing of what it cannot', async () => {
    const db = cruds.open({max: 1})
    const values = {t: new Date(0), a: [1, null], j: {x: ['"']}, b: Buffer.from([0, 255]), n: null}
    const sent = await db.object(
      'select :t::timestamptz as t, :a::int[] as a, :j::jsonb as j, :b::bytea as b, :n::text as n',
      values,
    )
    const {t, ...others} = parseJson(sent) as Record<string, unknown>
    expect(new Date(String(t))).toEqual(values.t)
    expect(others).toEqual({a: [1, null], j: {x: ['"']}, b: '\\x00ff', n: null})
    const circle: Record<string, unknown> = {}
    circle['itself'] = circle
    await expect(db.value('select :circle', {circle})).rejects.toThrow(TypeError)
    expect(await failureOf(db.commit('copy users from stdin'))).toMatchObject({code: '57014'})
    expect(await db.commit('copy users to stdout')).toBe('[]')
    expect(await db.commit('')).toBe('[]')
    expect(await db.value('select count(*) from users')).toBe(3)
  })
})

describe('statements by the name of a file', () => {
  it("come from the application's folder, else from the package", async () => {
    const folder = folderOfTest()
    await mkdir(join(folder, 'reports'))
    await writeFile(join(folder, 'reports', 'answer.sql'), '-- no more than that\nselect 42 as answer where :given;\n')
    const db = cruds.open({sqlFolder: folder})
    expect(await db.array('reports/answer', {given: true})).toBe('[{"answer":42}]')
    await rm(folder, {recursive: true})
    expect(await db.array('reports/answer', {given: false})).toBe('[]')
    expect(await db.value('users/known', {cognito_user_id: 'sub-ada'})).toBe(true)
  })

  it('are refused before the server is asked: no such file, a parameter too few or too many', async () => {
    const db = new Db('postgres://u@127.0.0.1:1/d')
    expect(await failureOf(db.array('reports/nothing'))).toMatchObject({code: 'statement_missing', exitCode: 3})
    const own = new Db('postgres://u@127.0.0.1:1/d', {sqlFolder: '/srv/sql'})
    const [plain, named] = (await Promise.all([db, own].map((one) => failureOf(one.array('reports/nothing'))))) as [
      CruddurError,
      CruddurError,
    ]
    expect(plain.next).toEqual([
      'Write it to reports/nothing.sql in a folder of your own, and set that folder: new Db(…, {sqlFolder})',
    ])
    expect(named.message).toMatch(
      /^The statement reports\/nothing does not exist\. Searched for reports\/nothing\.sql in \/srv\/sql and .*sql\.$/,
    )
    expect(named.next).toEqual(['Write it to /srv/sql/reports/nothing.sql. The sqlFolder is /srv/sql.'])
    await own.close()
    expect(await failureOf(db.array('../activities/home'))).toMatchObject({code: 'ECONNREFUSED'})
    expect(await failureOf(db.array('users/known'))).toMatchObject({code: 'parameter_missing'})
    expect(await failureOf(db.object('select :a', {a: 1, b: 2}))).toMatchObject({code: 'parameter_unknown'})
    await db.close()
  })

  it.each([true, false])('are planned anew after a change of the tables, prepared: %s', async (prepare) => {
    const db = cruds.open({max: 1, prepare})
    const before = parseJson(await db.array<object>('users/by-handle', {handle: 'ada'}))
    await cruds.run('alter table users alter column display_name type varchar(500)')
    expect(parseJson(await db.array<object>('users/by-handle', {handle: 'ada'}))).toEqual(before)
    await cruds.run('alter table users alter column display_name type text')
    expect(await db.value('select count(*) from pg_prepared_statements')).toBe(prepare ? 1 : 0)
  })
})

describe('onQuery', () => {
  it('is told name, duration and rows, and never a value', async () => {
    const reports: QueryReport[] = []
    const db = cruds.open({onQuery: (report) => reports.push(report)})
    await db.array('users/by-handle', {handle: 'ada'})
    await db.commit("update users set display_name = display_name where handle <> 'secret' returning 1")
    await failureOf(db.value("select 'secret'::int"))
    for await (const _row of db.stream('select 1 from generate_series(1, 3)')) expect(_row).toBe('{"?column?":1}')
    const milliseconds = expect.any(Number) as number
    expect(reports).toEqual([
      {name: 'users/by-handle', milliseconds, rows: 1},
      {name: undefined, milliseconds, rows: 3},
      {name: undefined, milliseconds, rows: 0, code: '22P02'},
      {name: undefined, milliseconds, rows: 3},
    ])
    expect(JSON.stringify(reports)).not.toMatch(/secret|ada/)
  })

  it('that throws changes nothing', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    const db = cruds.open({
      onQuery() {
        throw new Error('broken')
      },
    })
    expect(await db.value('select 1')).toBe(1)
    expect((await warned).message).toContain('onQuery threw')
  })
})

describe('stream', () => {
  it('gives row after row, however many, and keeps nothing', async () => {
    const db = cruds.open({max: 1})
    let sum = 0
    for await (const row of db.stream<{n: number}>('select n from generate_series(:from::int, 12000) n', {from: 1}))
      sum += parseJson(row).n
    expect(sum).toBe((12_000 * 12_001) / 2)
    for await (const row of db.stream('select n from generate_series(1, 5000) n')) {
      if (row === '{"n":700}') break
    }

    for await (const row of db.stream('select 1 where false')) expect(row).toBe('nothing')
    await expect(db.stream('select 1 / (n - 700) from generate_series(1, 5000) n').return()).resolves.toMatchObject({
      done: true,
    })
    expect(await failureOf(db.stream('select nothing').next())).toMatchObject({code: '42703'})
    expect(
      await db.value("select count(*) from pg_stat_activity where state = 'idle in transaction' and datname = :name", {
        name: cruds.database,
      }),
    ).toBe(0)
  })

  it('fails in the middle where the query does, and gives the connection back', async () => {
    const db = cruds.open({max: 1})
    const read = async (): Promise<number> => {
      let rows = 0
      for await (const _row of db.stream('select 1 / (n - 700) as q from generate_series(1, 5000) n'))
        rows += _row.length > 0 ? 1 : 0
      return rows
    }
    expect(await failureOf(read())).toMatchObject({code: '22012'})
    expect(await db.value('select 1')).toBe(1)
  })
})

describe('arguments of another type', () => {
  it.each([
    ['sql', [['select 1']]],
    ['sql', [undefined]],
    ['parameters', ['select 1', null]],
    ['parameters', ['select 1', 'x']],
    ['parameters', ['select 1', [1]]],
  ])('are refused for %s before anything is sent: %j', async (argument, args) => {
    const db = new Db('postgres://u@127.0.0.1:1/d')
    for (const method of ['value', 'object', 'array', 'commit'] as const) {
      const work = db[method](...(args as unknown as [string]))
      expect(await failureOf(work)).toMatchObject({code: 'argument_invalid', exitCode: 2, details: {argument}})
    }

    expect(await failureOf(db.stream(...(args as unknown as [string])).next())).toMatchObject({
      code: 'argument_invalid',
    })
  })

  it.each([
    ['max', {max: '5'}],
    ['max', {max: 0}],
    ['waitSeconds', {waitSeconds: '1'}],
    ['idleSeconds', {idleSeconds: NaN}],
    ['prepare', {prepare: 'no'}],
    ['sqlFolder', {sqlFolder: ['/srv']}],
    ['onQuery', {onQuery: true}],
    ['options', null],
  ])('are refused for %s: %j', (argument, options) => {
    const open = (): Db => new Db('postgres://u@127.0.0.1:1/d', options as DbOptions)
    expect(open).toThrow(expect.objectContaining({code: 'argument_invalid', details: {argument}}) as Error)
  })

  it.each([
    ['isolation', {isolation: 'serializable; drop table users'}],
    ['retries', {retries: '3'}],
    ['retries', {retries: -1}],
    ['options', null],
  ])('are refused for %s of a transaction: %j', async (argument, options) => {
    const db = new Db('postgres://u@127.0.0.1:1/d')
    const work = db.transaction(() => Promise.resolve(), options as TransactionOptions)
    expect(await failureOf(work)).toMatchObject({code: 'argument_invalid', details: {argument}})
  })
})
