import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeEach, describe, expect, it} from 'vitest'
import {parseCount} from '../../src/lib/migrations/down.js'
import {isClean} from '../../src/lib/migrations/status.js'
import {uniqueName} from '../support/databases.js'
import {Migrations, steps, up, version} from '../support/migrations.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
const its = new Migrations(uniqueName('undone'), folder)

beforeEach(() => its.empty())
afterAll(() => its.drop())

describe('migrate:status', () => {
  it('tells every state', async () => {
    const all = {
      1: up('create table a ();', 'drop table a;'),
      2: up('create table b (\n  n int\n);'),
      3: up('create table c ();'),
      4: steps('create table d ();\nselect 1;'),
    }
    await its.write(all)
    expect(await its.status()).toMatchObject({
      result: {table: null, migrations: [1, 2, 3, 4].map(() => ({state: 'pending'}))},
    })
    await its.apply()
    const {result: clean} = await its.status()
    expect(clean).toMatchObject({database: its.database, folder: 'sql/migrations', table: 'public.schema_migrations'})
    expect(clean && isClean(clean)).toBe(true)
    expect(clean?.migrations[0]).toEqual({
      ...{version: version(1), name: 'm1', file: `sql/migrations/${version(1)}_m1.sql`, state: 'applied'},
      ...{outOfOrder: false, statements: null, changes: null, problem: null, appliedBy: 'postgres'},
      appliedAt: expect.stringMatching(/^20\d\d-.*Z$/) as string,
      durationMs: expect.any(Number) as number,
    })

    await its.write({
      '00000000000001_late.sql': up('select 1;'),
      1: up('/* more */ create  table a ();', '-- x\ndrop table a;\n'),
      2: up('create table b (\n  n bigint\n);', 'drop table b;'),
      4: 'not a migration',
      6: steps('create table e ();\nselect nothing;'),
    })
    await its.apply({outOfOrder: true, to: version(6)})
    await its.ask(`delete from schema_migrations where version = '00000000000001'`)
    await its.ask('create table t (n int); insert into t values (1), (1)')
    await its.ask('create unique index concurrently u on t (n)').catch(() => undefined)
    const {result} = await its.status()
    expect(result?.invalidIndexes).toEqual(['u'])
    expect(result && isClean(result)).toBe(false)
    expect(result?.migrations).toMatchObject([
      {state: 'pending', outOfOrder: true, name: 'late'},
      {state: 'applied', changes: null},
      {state: 'edited', changes: ['-   n int', '+   n bigint', '+ -- migrate:down', '+ drop table b;'], problem: null},
      {state: 'missing', name: 'm3', file: null, appliedBy: 'postgres'},
      {state: 'edited', changes: null, problem: expect.stringMatching(/_m4.sql has no line -- migrate:up/) as string},
      {state: 'half done', statements: 1, file: `sql/migrations/${version(6)}_m6.sql`},
    ])
  })
})

describe('migrate:down', () => {
  const three = {
    1: up(
      'create table a (n int, note text); insert into a select 1, case when n < 3 then n::text end from generate_series(1, 5) n;',
      'drop table a;',
    ),
    2: up(
      'alter table a add b int default 2; create view v as select 1 as one;',
      'drop view v; alter table a drop b, drop column note;',
    ),
    3: up('create table c ();', 'drop table c;'),
  }

  it('undoes the newest, several, or all after a version, by what was stored', async () => {
    await its.write(three)
    await its.apply()
    expect(await its.down()).toMatchObject({
      result: {
        database: its.database,
        undone: [{version: version(3), file: `sql/migrations/${version(3)}_m3.sql`}],
        lost: [],
      },
      said: [`undone sql/migrations/${version(3)}_m3.sql`],
    })
    await its.apply()
    await its.ask('analyze a')
    // On another branch, on which the files are others.
    await its.write({1: up('create table a ();', 'drop table nothing;')})
    expect(await its.down({to: version(1)})).toMatchObject({
      result: {
        undone: [{version: version(3)}, {version: version(2), file: expect.stringMatching(/_m2.sql$/) as string}],
        lost: [
          {name: 'the column a.b', rows: 5},
          {name: 'the column a.note', rows: 2},
        ],
      },
      said: ['loses the column a.b: 5', 'loses the column a.note: 2', expect.any(String), expect.any(String)],
    })
    expect(await its.down({count: 9})).toMatchObject({
      result: {undone: [{version: version(1)}], lost: [{name: 'a', rows: 5}]},
    })
    expect(await its.down()).toMatchObject({result: {undone: []}, said: []})
    expect(await its.ask("select to_regclass('a') as a")).toEqual([{a: null}])
  })

  it('refuses before anything is undone if one of them has no down', async () => {
    await its.write({...three, 2: up('create table b ();'), 4: steps('create table d ();', '-- nothing')})
    await its.apply()
    for (const options of [{count: 3}, {to: version(1)}])
      expect((await its.down(options)).error).toMatchObject({
        code: 'migration_without_down',
        exitCode: 5,
        message: expect.stringMatching(
          /_m4\.sql, sql\/migrations\/.*_m2\.sql have no down, so they cannot be undone\. Nothing was changed\.$/,
        ) as string,
      })
    expect(await its.recorded()).toHaveLength(4)
    expect(await its.down({to: version(9)})).toMatchObject({error: {code: 'version_unknown'}})
  })

  it('keeps what was undone before one fails, says which, and where in the stored text', async () => {
    await its.write({...three, 2: up('create table b ();', 'drop table b;\ndrop table nowhere;')})
    await its.apply()
    await its.write({1: three[1], 2: up('select 1;', 'drop table b;')})
    const {error, said} = await its.down({count: 3})
    expect(error).toMatchObject({
      code: '42P01',
      details: {
        place: {file: `sql/migrations/${version(2)}_m2.sql (as it was applied)`, line: 3, text: 'drop table nowhere;'},
        undone: [{version: version(3)}],
      },
      next: [`Undone before, and not restored: sql/migrations/${version(3)}_m3.sql`, 'Nothing else was changed.'],
    })
    expect(said).toEqual(['loses a: 5', `undone sql/migrations/${version(3)}_m3.sql`])
    expect(await its.recorded()).toEqual([version(1), version(2)])
    expect(await its.ask("select to_regclass('b')::text as b")).toEqual([{b: 'b'}])
  })

  it('runs included files as they were, also if they are gone', async () => {
    await its.write({1: up('create table a ();', '\\ir undo.part')})
    const part = join(folder, 'sql', 'migrations', 'undo.part')
    await writeFile(part, 'set role pg_monitor; reset role;\ndrop table a;')
    await its.apply()
    await rm(part)
    expect(await its.down()).toMatchObject({result: {undone: [{}]}})
  })

  it('goes down step by step where another program has gone up, but not on with other statements', async () => {
    await its.write({1: steps('create table a ();', 'create table b ();\nselect 1/0;\nselect 1;')})
    await its.ask(`create table schema_migrations (version varchar primary key); create table a ();
      insert into schema_migrations values ('${version(1)}')`)
    expect((await its.down()).error).toMatchObject({code: '22012'})
    await its.write({1: steps('create table a ();', 'create table c ();\nselect 1;')})
    expect((await its.down()).error).toMatchObject({
      code: 'migration_changed',
      message: expect.stringMatching(/is half undone, and its first statement, which has run, was changed/) as string,
    })
    await its.write({1: steps('create table a ();', 'create table b ();\nselect 1;')})
    expect((await its.down()).result?.undone).toMatchObject([{version: version(1), statements: 1}])
    expect(await its.recorded()).toEqual([])
  })

  it('runs no stored text that reads a file, unless the file here has it', async () => {
    await its.write({1: up('create table a (t text);', "\\copy a from '/etc/passwd'")})
    await its.apply()
    await its.write({})
    expect((await its.down()).error).toMatchObject({code: 'migration_down_reads_files'})
  })

  it('takes a number or a version', async () => {
    await its.write({1: up('create table a ();', 'drop table a;')})
    expect((await its.down({count: 1, to: version(1)})).error).toMatchObject({code: 'count_and_version'})
  })

  it('takes a number', () => {
    expect(parseCount('12')).toBe(12)
    for (const wrong of ['0', '-1', '1.5', 'all', '', '10000000'])
      expect(() => parseCount(wrong)).toThrow(expect.objectContaining({code: 'count_invalid', exitCode: 2}))
  })
})
