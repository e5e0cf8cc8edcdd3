import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {query, uniqueName} from '../support/databases.js'
import {runTexts, type TextRun} from '../support/run-text.js'

const database = uniqueName('own')

beforeAll(() => query('postgres', `create database "${database}"`))
afterAll(() => query('postgres', `drop database "${database}" with (force)`))
beforeEach(() => query(database, 'drop table if exists t; create table t (a int); drop table if exists made'))

const run = (...texts: string[]): Promise<TextRun> => runTexts(database, texts)
const stored = async (): Promise<number[]> =>
  (await query<{a: number}>(database, 'select a from t order by a')).map(({a}) => a)
const warnings = ({said}: TextRun): string[] => said.filter(({kind}) => kind === 'warning').map(({text}) => text)
/** More than a message, so that it is sent before what follows it is seen. */
const long = `insert into t values (1); /* ${'x'.repeat(300_000)} */ select 1;\n`
const fails = 'insert into nowhere values (1);'

describe('nothing stays of a file that fails and has said no COMMIT', () => {
  it.each<[string, string, string]>([
    [
      'a body that forgot its $$',
      `insert into t values (1);\ncreate function f() returns trigger language plpgsql as declare x int;\nbegin\n  new.a := 1;\n  return new;\nend;\n`,
      '1.sql:2:57',
    ],
    [
      'the same in a long file',
      `${long}create function f() returns trigger language plpgsql as declare x int;\nbegin new.a := 1;\nend;\n`,
      '1.sql:2:57',
    ],
    ['an END of something else before', `${long}end;\ninsert into t values (2);\n${fails}`, '1.sql:4:13'],
    ['END IF on its own', `${long}end if;`, '1.sql:2:5'],
    ['BEGIN and more', `insert into t values (1);\nbegin insert into t values (2);`, '1.sql:2:7'],
    ['a failure after its BEGIN', `${long}begin;\ninsert into t values (2);\n${fails}`, '1.sql:4:13'],
    [
      'a failure before its BEGIN',
      `insert into t values (1);\n${fails}\nbegin;\ninsert into t values (2);\ncommit;`,
      '1.sql:2:13',
    ],
    [
      'a ROLLBACK of its own',
      `${long}begin;insert into t values (2);rollback;\ninsert into t values (3);\n${fails}`,
      '1.sql:4:13',
    ],
    [
      'a ROLLBACK of its own, with BEGIN first',
      `set work_mem = '5MB'; begin;insert into t values (2);rollback;\ninsert into t values (3);\n${fails}`,
      '1.sql:3:13',
    ],
    ['the end of the file inside its BEGIN', `${long}begin;\ninsert into t values (2);`, '1.sql:1:1'],
    ['the end of the file inside its BEGIN, which comes first', 'begin;\ninsert into t values (2);', '1.sql:1:1'],
  ])('%s', async (_what, text, place) => {
    const {error} = await run(text)
    const {file, line, column} = error?.details.place ?? {}
    expect(`${file}:${line}:${column}`).toBe(place)
    expect(error?.next.join(' ')).not.toContain('is kept')
    expect(await stored()).toEqual([])
  })

  it('says so where the file ends inside its own transaction', async () => {
    expect((await run(`${long}begin;`)).error).toMatchObject({
      code: 'script_open_transaction',
      message: expect.stringContaining('Nothing was changed.') as string,
    })
    expect((await run(`${long}begin;commit;begin;`)).error).toMatchObject({
      message: expect.stringContaining('what it committed before is kept') as string,
    })
    expect(await stored()).toEqual([1])
  })
})

describe('what the file commits stays, and no more', () => {
  it.each<[string, string, number[]]>([
    [
      'COMMIT of its BEGIN',
      `${long}begin; insert into t values (2); commit; insert into t values (3); ${fails} insert into t values (4);`,
      [1, 2, 3],
    ],
    ['END of its BEGIN', `${long}begin work; insert into t values (2); end transaction; ${fails}`, [1, 2]],
    ['COMMIT without BEGIN', `insert into t values (1); commit; insert into t values (2); ${fails}`, [1, 2]],
    [
      'COMMIT, then a transaction that fails',
      `insert into t values (1); commit; begin; insert into t values (2); ${fails}`,
      [1],
    ],
    [
      'COMMIT AND CHAIN',
      `${long}begin; insert into t values (2); commit and chain; insert into t values (3); ${fails}`,
      [1, 2],
    ],
    [
      'ROLLBACK, then COMMIT',
      `${long}begin; insert into t values (2); rollback; begin; insert into t values (3); commit; ${fails}`,
      [1, 3],
    ],
    [
      'ROLLBACK AND CHAIN, then COMMIT',
      `${long}begin; insert into t values (2); rollback and chain; insert into t values (3); commit; ${fails}`,
      [1, 3],
    ],
  ])('%s', async (_what, text, values) => {
    const {error} = await run(text)
    expect(error).toMatchObject({code: '42P01'})
    expect(error?.next.at(-1)).toContain('What the file committed before this statement is kept.')
    expect(await stored()).toEqual(values)
  })

  it('a file after one with a COMMIT is all or nothing again', async () => {
    const {error} = await run('insert into t values (1); commit;', `insert into t values (2); ${fails}`)
    expect(error?.details.place).toMatchObject({file: '2.sql'})
    expect(await stored()).toEqual([1])
    expect((await run('insert into t values (3); commit;', 'insert into t values (4);')).summary).toMatchObject({
      transaction: 'own',
    })
    expect(await stored()).toEqual([1, 3, 4])
  })

  it('a transaction may go on in the next file', async () => {
    expect((await run(`${long}begin;`, 'insert into t values (2);', 'commit;')).summary).toMatchObject({
      transaction: 'own',
    })
    expect(await stored()).toEqual([1, 2])
  })
})

describe('a file that succeeds', () => {
  it.each<[string, string, number[], object]>([
    [
      'is one transaction where its BEGIN was rolled back',
      `${long}begin; insert into t values (2); abort; insert into t values (3);`,
      [1, 3],
      {transaction: 'one', statements: 6},
    ],
    [
      'has every statement counted once',
      `${long}begin read only; select 1; commit; insert into t values (2);`,
      [1, 2],
      {transaction: 'own', statements: 6},
    ],
    [
      'is run in the order in which it says it',
      `set work_mem = '5MB'; begin isolation level serializable; insert into t select 1 where current_setting('transaction_isolation') = 'serializable'; commit;`,
      [1],
      {transaction: 'own', statements: 4},
    ],
  ])('%s', async (_what, text, values, summary) => {
    expect((await run(text)).summary).toMatchObject(summary)
    expect(await stored()).toEqual(values)
  })

  it.each<[string, string]>([
    [
      'BEGIN',
      `${long}begin transaction isolation level serializable, read write; insert into t select 2 where current_setting('transaction_isolation') = 'serializable'; commit;`,
    ],
    [
      'SET TRANSACTION',
      `${long}begin; set transaction isolation level serializable; insert into t select 2 where current_setting('transaction_isolation') = 'serializable'; commit;`,
    ],
    [
      'a BEGIN of a short file',
      `insert into t values (1); start transaction isolation level repeatable read; insert into t select 2 where current_setting('transaction_isolation') = 'repeatable read'; commit;`,
    ],
  ])('has the isolation that %s asks for, once and only once', async (_what, text) => {
    const result = await run(`\\echo hello\n${text}`)
    expect(result.error).toBeUndefined()
    expect(result.said).toEqual([{kind: 'echo', text: 'hello'}])
    expect(await stored()).toEqual([1, 2])
  })

  it('writes nothing where its BEGIN is read only, and again after it', async () => {
    expect((await run(`${long}begin read only; insert into t values (2);`)).error).toMatchObject({code: '25006'})
    expect((await run(`${long}begin read only; rollback; insert into t values (2);`)).summary).toMatchObject({
      transaction: 'one',
    })
    expect(await stored()).toEqual([1, 2])
  })

  it('is warned as by the server of what begins or ends nothing', async () => {
    const result = await run(`insert into t values (1); end; rollback; prepare transaction 'x'; begin; begin; commit;`)
    expect(warnings(result)).toEqual([
      'WARNING: there is no transaction in progress',
      'WARNING: there is no transaction in progress',
      'WARNING: there is no transaction in progress',
      'WARNING: there is already a transaction in progress',
    ])
    expect(result.summary).toMatchObject({warnings: 4, transaction: 'own', statements: 7})
    expect(await stored()).toEqual([1])
  })

  it('keeps the settings that came before a BEGIN that was rolled back', async () => {
    const {summary} = await run(
      `set client_encoding = 'UTF8'; set work_mem = '5MB'; begin; rollback; insert into t select 5 where current_setting('work_mem') = '5MB';`,
    )
    expect(summary).toMatchObject({transaction: 'one'})
    expect(await stored()).toEqual([5])
  })
})

describe('what cannot be in a transaction', () => {
  it.each<[string, string]>([
    ['before a BEGIN', 'insert into t values (1); vacuum t; begin; insert into t values (2); commit;'],
    [
      'before a BEGIN that is far away',
      `insert into t values (1); vacuum t; /* ${'x'.repeat(600_000)} */ begin; insert into t values (2); commit;`,
    ],
    ['after a ROLLBACK', 'insert into t values (1); begin; rollback; vacuum t; insert into t values (2);'],
    ['after a COMMIT', 'begin; insert into t values (1); commit; vacuum t; insert into t values (2);'],
  ])('%s is run as it is written', async (_what, text) => {
    expect((await run(text)).summary).toMatchObject({transaction: 'own'})
    expect(await stored()).toEqual([1, 2])
  })

  it('is refused in a file without transactions of its own, and inside of one', async () => {
    expect((await run('insert into t values (1); vacuum t;')).error).toMatchObject({
      code: '25001',
      next: expect.arrayContaining([expect.stringContaining('--no-transaction')]) as string[],
    })
    expect((await run(`${long}begin; vacuum t; commit;`)).error).toMatchObject({code: '25001'})
    expect((await run(`${long}begin; rollback prepared 'x'; commit;`)).error).toMatchObject({code: '25001'})
    expect(await stored()).toEqual([])
  })

  it('a prepared transaction is ended as the file is written', async () => {
    const {error} = await run(`insert into t values (1); rollback prepared 'none';`)
    expect(error).toMatchObject({code: '42704', details: {place: {line: 1, column: 27}}})
  })
})

it("an error of any SQLSTATE is the file's", async () => {
  const {error} = await run(`insert into t values (1); grant connect on database "${database}_none" to public;`)
  expect(error).toMatchObject({code: '3D000', exitCode: 6, details: {place: {file: '1.sql', line: 1}}})
  expect(await stored()).toEqual([])
})

it('through a pooler a BEGIN is refused, and what only looks like one is an error with its place', async () => {
  const only = {transaction: 'only'} as const
  expect((await runTexts(database, [`${long}begin;`], only)).error).toMatchObject({code: 'pooled_session'})
  expect((await runTexts(database, [`${long}end if;`], only)).error).toMatchObject({code: '42601'})
  expect(await stored()).toEqual([])
})
