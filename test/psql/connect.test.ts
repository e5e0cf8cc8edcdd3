import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, type CliResult} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {withTerminal} from '../support/terminal.js'

const database = `${uniqueName('own')} 100%R'x"`
const quoted = `"${database.replaceAll('"', '""')}"`
const home = temporaryFolder()
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  env = {HOME: home, PROD_CONNECTION_URL: urlOf(database)}
  await query('postgres', `create database ${quoted}`)
  await query(database, 'create table t as select 1 as n')
  await writeFile(join(home, 'insert.sql'), 'insert into t values (2);\n')
})
afterAll(async () => {
  await query('postgres', `drop database ${quoted} with (force)`)
})

const psql = (args: string[], input?: string): Promise<CliResult> =>
  cli(['connect', 'prod', '--', ...args], {env, input})

describe('a read-only session of psql', () => {
  it.each<[string, string[], string?]>([
    ['-c', ['-c', 'insert into t values (2)']],
    ['-X -c', ['-X', '-c', 'insert into t values (2)']],
    ['-f', ['-f', 'FILE']],
    ['-1 -f', ['-1', '-f', 'FILE']],
    ['a heredoc', [], 'insert into t values (2);\n'],
    ['\\i', [], '\\i FILE\n'],
    ['\\c', [], '\\c postgres\n\\c -\ncreate table made_in_postgres (n int);\n'],
    ['\\c with a conninfo', [], `\\c "application_name=x"\ncreate table made_in_postgres (n int);\n`],
    ['-v AUTOCOMMIT=off', ['-v', 'AUTOCOMMIT=off'], 'insert into t values (2);\ncommit;\n'],
    ['-d', ['-d', 'postgres', '-c', 'create table made_in_postgres (n int)']],
  ])('holds with %s', async (_, args, input) => {
    const file = (text: string): string => text.replace('FILE', join(home, 'insert.sql'))
    const {stdout, stderr} = await psql(args.map(file), input === undefined ? undefined : file(input))
    expect(stdout + stderr).toMatch(/ERROR: +cannot execute (INSERT|CREATE TABLE) in a read-only transaction/)
    expect(await query(database, 'select n from t')).toEqual([{n: 1}])
  })

  it('has the limits, and the settings that the user asked for', async () => {
    const show =
      "select string_agg(current_setting(name), ' ' order by name) from unnest(array['idle_in_transaction_session_timeout', 'idle_session_timeout', 'statement_timeout', 'work_mem', 'application_name']) name"
    const result = await cli(['connect', 'prod', '--', '-Atc', show], {env: {...env, PGOPTIONS: '-c work_mem=7MB'}})
    expect(result.stdout).toBe('cruddur-db connect 5min 30min 30s 7MB')
  })

  it('is written in where that was confirmed', async () => {
    const confirm = `${database}@127.0.0.1`
    const done = await cli(['connect', 'prod', '--write', '--confirm', confirm, '--', '-c', 'update t set n = n'], {
      env,
    })
    expect(done).toMatchObject({exitCode: 0, stdout: 'UPDATE 1'})
  })
})

describe("psql's prompt", () => {
  it("shows target and database in red, over the user's own, and takes the rest of the psqlrc", async () => {
    await writeFile(join(home, '.psqlrc'), "\\set PROMPT1 'mine> '\n\\set greeting hello\n\\pset null none\n")
    await withTerminal(['connect', 'prod'], {env: {...env, PAGER: 'cat'}}, async (terminal) => {
      await terminal.until(`prod/${database} (read-only)=# `)
      expect(terminal.output()).toContain(`\u001B[1;31mprod/${database} (read-only)\u001B[0m`)
      terminal.type(":greeting\r\\r\rselect 'as', null as is_null;\r")
      await terminal.until(/as +\| none/)
      terminal.type('begin;\r')
      await terminal.until(`prod/${database} (read-only)=*# `)
      terminal.type('insert into t values (2);\r')
      await terminal.until(`prod/${database} (read-only)=!# `)
      terminal.type('select (\r')
      await terminal.until(`prod/${database} (read-only)(!# `)
      terminal.type('\x03')
      await terminal.until(/\^C\n.*=!# ?$/)
      terminal.type('\\c postgres\r')
      await terminal.until('prod/postgres (read-only)=# ')
      terminal.type('\\q\r')
      expect(await terminal.exit).toBe(0)
    })
    expect(await readFile(join(home, '.local', 'state', 'cruddur-db', 'history', 'prod.psql'), 'utf8')).toContain(
      'insert into t values (2);',
    )
  })
})
