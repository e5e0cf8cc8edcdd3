import {afterEach, beforeEach, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

/** So long that it is read for \connect only when the run has come to one. */
const long = `-- ${'x'.repeat(1000)}\n`.repeat(17_000)

let [home, other, made] = ['', '', '']

beforeEach(async () => {
  ;[home, other, made] = [uniqueName('home'), uniqueName('other'), uniqueName('made')]
  for (const name of [home, other]) await query('postgres', `create database ${name}`)
})
afterEach(async () => {
  for (const name of [home, other, made]) await query('postgres', `drop database if exists ${name} with (force)`)
})

async function load(schema: string, ...flags: string[]): Promise<CliResult> {
  const folder = folderOfTest()
  await writeSql(folder, {schema})
  return cli(['schema:load', ...flags], {env: {CONNECTION_URL: urlOf(home)}, cwd: folder})
}

const tablesOf = async (database: string): Promise<string[]> => {
  const tables = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
  return (await query<{relname: string}>(database, tables)).map(({relname}) => relname)
}

it('changes to another database, also to one that the file creates', async () => {
  const changed = await load(`create table a ();\n${long}\\c ${other}\ncreate table b ();`)
  expect(changed).toMatchObject({exitCode: 0, stdout: expect.stringContaining('committed by itself') as string})
  expect([await tablesOf(home), await tablesOf(other)]).toEqual([['a'], ['b']])
  const created = await load(`${long}create database ${made};\n\\c ${made}\ncreate table c ();`)
  expect(created).toMatchObject({exitCode: 0})
  expect(await tablesOf(made)).toEqual(['c'])
})

it('asks before it drops rows there, and has changed nothing', async () => {
  await query(other, 'create table b (id int)')
  await query(other, 'insert into b values (1)')
  const losing = await load(`create table a ();\n${long}\\c ${other}\ndrop table b;`, '--json')
  expect(json(losing).error).toMatchObject({exit_code: 7})
  expect([await tablesOf(home), await tablesOf(other)]).toEqual([[], ['b']])
})
