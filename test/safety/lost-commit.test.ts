import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, json, type JsonDocument} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {type Loss, type Proxy, startProxy} from '../support/proxy.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const database = uniqueName('lost')
const folder = temporaryFolder()
let proxy: Proxy

beforeAll(async () => {
  await query('postgres', `create database "${database}"`)
})
afterAll(async () => {
  await query('postgres', `drop database "${database}" with (force)`)
})
beforeEach(async () => {
  proxy = await startProxy(Number(new URL(urlOf(database)).port))
  await query(database, 'drop table if exists t; create table t (a int)')
})
afterEach(() => proxy.close())

/** Runs the file through a network that fails at the text. */
async function run(
  command: string,
  text: string,
  loss: Loss,
  ...flags: string[]
): Promise<{exitCode: number | undefined; document: JsonDocument}> {
  const file = join(folder, 'a.sql')
  await writeFile(file, text)
  const url = new URL(urlOf(database))
  url.port = String(proxy.port)
  proxy.loss = loss
  const result = await cli([command, '--file', file, '--json', ...flags], {env: {CONNECTION_URL: url.href}})
  expect(proxy.loss).toBeUndefined()
  return {exitCode: result.exitCode, document: json(result)}
}

const stored = async (): Promise<number[]> =>
  (await query<{a: number}>(database, 'select a from t order by a')).map(({a}) => a)
const insert = 'insert into t values (1);'

describe.each(['schema:load', 'seed'])('%s whose answer to COMMIT is lost', (command) => {
  it('has succeeded where the server has committed, and says so', async () => {
    const {exitCode, document} = await run(command, insert, {text: 'commit\0', cut: 'answered'})
    expect(exitCode).toBe(0)
    expect(document.result).toMatchObject({transaction: 'one', rows: 1})
    expect(document.warnings).toEqual([
      expect.stringMatching(/^The connection was lost during COMMIT, but transaction \d+ was committed\.$/),
    ])
    expect(await stored()).toEqual([1])
  })

  it('has failed where the server has not heard of it', async () => {
    const {
      exitCode,
      document: {error},
    } = await run(command, insert, {text: 'commit\0', cut: 'before'})
    expect(exitCode).toBe(4)
    expect(error).toMatchObject({
      code: 'connection_lost',
      next: ["Check the server's log.", expect.stringMatching(/^Transaction \d+ was rolled back\.$/)],
    })
    expect(await stored()).toEqual([])
  })

  it('is not known where nobody can be asked, and says how to find out', async () => {
    const {
      exitCode,
      document: {error},
    } = await run(command, insert, {text: 'commit\0', cut: 'answered', gone: true})
    expect(exitCode).toBe(4)
    expect(error).toMatchObject({code: 'commit_unknown'})
    const question = /select pg_xact_status\('\d+'\)/.exec(error?.next.join(' ') ?? '')?.[0] ?? ''
    expect(await query(database, question)).toEqual([{pg_xact_status: 'committed'}])
    expect(await stored()).toEqual([1])
  })
})

it('the answer is waited for while the server is still at COMMIT', async () => {
  await query(
    database,
    `create or replace function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.6); return null; end $$`,
  )
  await query(
    database,
    'create constraint trigger slow after insert on t deferrable initially deferred for each row execute function slow()',
  )
  const {exitCode, document} = await run('schema:load', insert, {text: 'commit\0', cut: 'after'})
  expect(exitCode).toBe(0)
  expect(document.warnings).toHaveLength(1)
  expect(await stored()).toEqual([1])
})

it('a file that has changed nothing is not looked up', async () => {
  const {exitCode, document} = await run('schema:load', 'select 1;', {text: 'commit\0', cut: 'answered'})
  expect(exitCode).toBe(4)
  expect(document.error).toMatchObject({code: 'connection_lost'})
})

describe('a file with its own COMMIT tells what has become of each part', () => {
  const own =
    'begin; insert into t values (1); commit; begin; insert into t values (2); COMMIT; insert into t values (3);'
  const before = 'What the file committed before is kept.'
  const [unknown, look] = [
    'It is not known whether the last transaction was committed.',
    'Check the database before you run the file again.',
  ]

  it.each<[string, Loss, string, string[], number[]]>([
    ['at its COMMIT', {text: 'COMMIT;', cut: 'answered'}, 'commit_unknown', [before, unknown, look], [1, 2]],
    ['at its first COMMIT', {text: 'commit;', cut: 'before'}, 'commit_unknown', [unknown, look], []],
    [
      'within a transaction of its own',
      {text: 'values (2)', cut: 'before'},
      'connection_lost',
      ['What the file committed before is kept. Everything after its last COMMIT is rolled back.'],
      [1],
    ],
    [
      'in a statement of its own',
      {text: 'values (3)', cut: 'answered'},
      'commit_unknown',
      ['Earlier statements are kept. It is not known whether the last statement was run.', look],
      [1, 2, 3],
    ],
    [
      'before it has committed anything',
      {text: 'values (1)', cut: 'before'},
      'connection_lost',
      ["Uncommitted changes are rolled back. Check the server's log."],
      [],
    ],
  ])('%s', async (_what, loss, code, next, values) => {
    const {
      exitCode,
      document: {error},
    } = await run('schema:load', own, loss)
    expect(exitCode).toBe(4)
    expect(error).toMatchObject({code, message: expect.stringContaining('was lost') as string})
    expect(error?.next.slice(-next.length)).toEqual(next)
    expect(await stored()).toEqual(values)
  })

  it('without a transaction', async () => {
    const {
      document: {error},
    } = await run(
      'schema:load',
      'insert into t values (1); insert into t values (2);',
      {text: 'values (2)', cut: 'before'},
      '--no-transaction',
    )
    expect(error).toMatchObject({code: 'commit_unknown'})
    expect(await stored()).toEqual([1])
  })
})
