import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeEach, describe, expect, it} from 'vitest'
import {uniqueName, withConnection} from '../support/databases.js'
import {Migrations, steps, version} from '../support/migrations.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
const its = new Migrations(uniqueName('stepped'), folder)
const halfDone = `${version(1)} (half done)`

beforeEach(async () => {
  await its.empty()
  await its.ask('create table t (n int); insert into t values (1), (1)')
})
afterAll(() => its.drop())

const indexes = async (): Promise<string[]> => {
  const rows = await its.ask<{name: string}>(
    `select indexrelid::regclass::text || case when indisvalid then '' else ' (invalid)' end as name from pg_index
     where indrelid::regclass::text in ('t', 's.t') order by 1`,
  )
  return rows.map(({name}) => name)
}
const record = (): Promise<object[]> => its.ask('select version, statement, running, up from schema_migrations')
const put = (statements: string, down?: string): Promise<void> => its.write({1: steps(statements, down)})

describe('a migration with transaction:false', () => {
  it('goes on where it stopped: what has run is not run again, and its settings hold', async () => {
    const begun = [
      'create table a ();',
      'create schema s;',
      'set search_path = s, public;',
      'begin; create table b (); insert into t values (2); commit;',
      'copy t from stdin;\n3\n\\.\n',
    ].join('\n')
    await put(`${begun}\ncreate unique index concurrently u on t (n);\ncreate table c ();`)
    const {error} = await its.apply()
    expect(error).toMatchObject({
      code: '23505',
      exitCode: 6,
      next: [
        'Key (n)=(1) is duplicated.',
        'The statements before this one are kept. The next run goes on with this one.',
      ],
      details: {place: {line: 10, column: 1, text: 'create unique index concurrently u on t (n);'}},
    })
    expect(await indexes()).toEqual([])
    expect(await record()).toMatchObject([{version: halfDone, statement: 8, running: null}])
    expect((await its.status()).result?.migrations).toMatchObject([
      {state: 'half done', statements: 8, version: version(1)},
    ])
    expect(await its.down()).toMatchObject({error: {code: 'migration_half_done'}})

    await put(`${begun.replace('table a', 'table other')}\ncreate table c ();`)
    expect(await its.apply()).toMatchObject({error: {code: 'migration_changed', exitCode: 5}})
    // Comments are no change, and what has not run may change.
    await put(`-- Twice\n${begun}\ncreate index concurrently u on t (n);\ncreate table c ();\nvacuum t;`)
    expect(await its.apply()).toMatchObject({result: {applied: [{statements: 3}], edited: []}})
    expect(await indexes()).toEqual(['u'])
    expect(await record()).toMatchObject([
      {version: version(1), statement: null, running: null, up: expect.stringMatching('Twice') as string},
    ])
    expect(
      await its.ask(
        "select to_regclass('s.b')::text as b, to_regclass('s.c')::text as c, (select array_agg(n) from t) as n",
      ),
    ).toEqual([{b: 's.b', c: 's.c', n: [1, 1, 2, 3]}])
    expect(await its.apply()).toMatchObject({result: {applied: []}})
  })

  it('is not begun if its first statement fails, so that its file may go', async () => {
    await put('create unique index concurrently u on t (n);')
    expect(await its.apply()).toMatchObject({
      error: {code: '23505', next: ['Key (n)=(1) is duplicated.', 'Nothing was changed.']},
    })
    expect(await indexes()).toEqual([])
    expect(await record()).toEqual([])
    await its.write({2: steps('create table a ();')})
    expect(await its.apply()).toMatchObject({result: {applied: [{version: version(2)}]}})
  })

  /** As a run leaves it that is killed while the server runs a statement. */
  async function killed(statement: string): Promise<void> {
    await put('create table a ();\nselect nothing;')
    await its.apply()
    await its.ask('update schema_migrations set running = $1', [statement])
    await its.ask(statement).catch(() => undefined)
  }
  const unique = 'create unique index concurrently u on t (n);'

  it.each([
    ['the same statement', unique, ['u']],
    ['another one', 'create index concurrently u on t (n) where n > 0;', ['u']],
    ['one of another kind', 'create index u on t (n);', ['u']],
    ['none', 'select 1;', []],
  ])('removes the invalid index of a run that was killed, before %s', async (_, statement, left) => {
    await killed(unique)
    expect(await indexes()).toEqual(['u (invalid)'])
    await its.ask('delete from t where ctid = (select min(ctid) from t)')
    await put(`create table a ();\n${statement}`)
    expect(await its.apply()).toMatchObject({result: {applied: [{}]}})
    expect(await indexes()).toEqual(left)
  })

  it('takes over what the server finished while the run was killed', async () => {
    const create = 'create index concurrently i on t (n);'
    await killed(create)
    await put(`create table a ();\n${create}`)
    expect(await its.apply()).toMatchObject({result: {applied: [{}]}})
    expect(await indexes()).toEqual(['i'])

    const drop = 'drop index concurrently i;'
    await its.ask('drop table a; delete from schema_migrations')
    await killed(drop)
    await put(`create table a ();\n${drop}`)
    expect(await its.apply()).toMatchObject({result: {applied: [{}]}})
  })

  it('leaves an index alone that was there before', async () => {
    await its.ask('create index u on t (n)')
    await put('create table a ();\ncreate unique index concurrently u on t (n);')
    expect(await its.apply()).toMatchObject({error: {code: '42P07'}})
    expect(await indexes()).toEqual(['u'])
    await its.ask('drop index u')
    await its.ask(unique).catch(() => undefined)
    await put('create table a ();\ncreate unique index concurrently if not exists u on t (n);')
    expect(await its.apply()).toMatchObject({
      error: {
        code: 'migration_index_invalid',
        next: [expect.stringContaining('drop index concurrently "u";') as string],
      },
    })
    expect(await indexes()).toEqual(['u (invalid)'])
  })

  it.each([
    ['an index without a name', 'create index concurrently on t (n);', 'migration_index_unnamed'],
    ['a BEGIN alone', 'begin;\ncreate table b ();', 'migration_step_refused'],
    ['a COMMIT alone', 'commit;', 'migration_step_refused'],
    ['data in a transaction', 'begin;\ncopy t from stdin;\n1\n\\.\ncommit;', 'migration_step_refused'],
    ['a savepoint in one', "begin; prepare transaction 'x';", 'migration_step_refused'],
    ['a query for statements', "select 'drop table t' \\gexec", 'migration_step_refused'],
  ])('refuses %s', async (_, statements, code) => {
    await put(`create table a ();\n${statements}`)
    expect(await its.apply()).toMatchObject({error: {code}})
    expect(await its.ask("select to_regclass('b') as b, count(*)::int as n from t")).toEqual([{b: null, n: 2}])
  })

  it('runs what stands between BEGIN and COMMIT whole or not at all, and nothing before ROLLBACK', async () => {
    await put('create table a ();\nbegin;\ncreate table b ();\nselect nothing;\ncommit;')
    expect(await its.apply()).toMatchObject({
      error: {
        code: '42703',
        next: ['The statements before its BEGIN are kept. The next run goes on with that BEGIN.'],
        details: {place: {line: 5, text: 'select nothing;'}},
      },
    })
    expect(await its.ask("select to_regclass('a')::text as a, to_regclass('b') as b")).toEqual([{a: 'a', b: null}])
    await put('create table a ();\nbegin;\ncreate table b ();\ncommit;\nbegin; drop table t; rollback;\nselect 1;')
    expect(await its.apply()).toMatchObject({result: {applied: [{}]}})
    expect(await its.ask("select to_regclass('t')::text as t, to_regclass('b')::text as b")).toEqual([{t: 't', b: 'b'}])
  })

  it('counts the statements of included files, and keeps them for the next run', async () => {
    const part = join(folder, 'sql', 'part.sql')
    await put('create table a ();\n\\ir ../part.sql\nselect 1;')
    await writeFile(part, 'create table b ();\ncreate table c ();\nselect nothing;\n')
    expect(await its.apply()).toMatchObject({
      error: {code: '42703', details: {place: {file: 'sql/part.sql', line: 3, includedFrom: [{line: 3}]}}},
    })
    expect(await record()).toMatchObject([{statement: 3}])
    await writeFile(part, 'create table b ();\nselect 1;\n')
    expect(await its.apply()).toMatchObject({error: {code: 'migration_changed'}})
    await writeFile(part, 'create table b ();\ncreate table c (); -- c\n')
    expect(await its.apply()).toMatchObject({result: {applied: [{statements: 1}]}})
  })

  it('is refused before it is begun for what cannot be done at its end', async () => {
    for (const [statements, code] of [
      ['create table a ();\ncommit;', 'migration_step_refused'],
      ['create table a ();\nbegin; begin; commit;', 'migration_step_refused'],
      ['create table a ();\ncreate index concurrently on t (n);', 'migration_index_unnamed'],
    ] as const) {
      await put(statements)
      expect((await its.apply()).error).toMatchObject({code, details: {place: {line: 3}}})
    }
    expect(await its.ask("select to_regclass('a') as a")).toEqual([{a: null}])
  })

  it('may change the role: how far it came is recorded all the same', async () => {
    await put('set role pg_read_all_data;\nselect 1;\nreset role;\ncreate table a ();')
    expect((await its.apply()).result?.applied).toMatchObject([{statements: 4}])
  })

  it('says what a statement may have left that commits itself', async () => {
    await put('do $$ begin create table a (); commit; perform 1/0; end $$;')
    expect((await its.apply()).error).toMatchObject({
      code: '22012',
      next: ['It ran outside of a transaction: check what it has done.'],
    })
  })

  it('refuses transactions with options, which one step cannot have', async () => {
    for (const statements of ['begin isolation level serializable; commit;', 'begin; select 1; commit and chain;']) {
      await put(statements)
      expect((await its.apply()).error).toMatchObject({code: 'migration_step_refused', details: {place: {line: 2}}})
    }
  })

  it('tries each step for the whole time', async () => {
    await put('select pg_sleep(0.3);\nlock table t in access exclusive mode;\nselect 1;')
    await withConnection(its.database, async (other) => {
      await other.query('begin; select from t')
      const run = its.apply({waits: {lockTimeoutMs: 250, waitMs: 1000}})
      const {error} = await run
      expect(error).toMatchObject({code: 'lock_timeout', details: {relation: 't'}})
      expect((error?.details['tries'] as number) > 1).toBe(true)
    })
  })

  it('says where data is wrong, and takes none of it', async () => {
    await put('create table a ();\ncopy t from stdin;\n7\nx\n\\.\n')
    expect(await its.apply()).toMatchObject({error: {code: '22P02'}})
    expect(await its.ask('select count(*)::int as n from t')).toEqual([{n: 2}])
    await put('create table a ();\ncopy t from stdin;\n7\n\\.\n')
    expect(await its.apply()).toMatchObject({result: {applied: [{}]}})
  })

  it('goes down step by step, and goes on there, too', async () => {
    await put(
      'create index concurrently i on t (n);',
      'create table d ();\ndrop index concurrently i;\nselect nothing;',
    )
    await its.apply()
    expect(await its.down()).toMatchObject({error: {code: '42703'}})
    expect(await indexes()).toEqual([])
    expect((await its.status()).result?.migrations).toMatchObject([{state: 'half undone', statements: 2}])
    expect(await its.apply()).toMatchObject({error: {code: 'migration_half_undone'}})
    await its.ask('update schema_migrations set down = replace(down, $1, $2)', ['select nothing', 'select 1'])
    await put('create index concurrently i on t (n);', 'create table d ();\ndrop index concurrently i;\nselect 1;')
    expect(await its.down()).toMatchObject({result: {undone: [{version: version(1)}]}})
    expect(await its.recorded()).toEqual([])
    expect(await its.ask("select to_regclass('d')::text as d")).toEqual([{d: 'd'}])
  })
})
