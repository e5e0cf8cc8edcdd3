import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, type CliResult} from '../support/cli.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const home = temporaryFolder()
const [first, other] = [uniqueName('first'), uniqueName('other')]

beforeAll(async () => {
  await mkdir(join(home, 'bin'))
  for (const name of [first, other]) await query('postgres', `create database ${name}`)
})
afterAll(async () => {
  for (const name of [first, other]) await query('postgres', `drop database ${name} with (force)`)
})

const shell = (variable: string, input: string, ...args: string[]): Promise<CliResult> =>
  cli(['connect', ...args], {env: {PATH: join(home, 'bin'), HOME: home, [variable]: urlOf(first)}, input})

describe('\\c in the built-in shell', () => {
  it('changes the database and the variables, and begins a new session', async () => {
    const {stdout} = await shell(
      'CONNECTION_URL',
      `create temp table t ();\n\\c ${other}\n\\echo :DBNAME\nselect current_database() as name, to_regclass('t') as t;\n`,
    )
    expect(stdout).toContain(`You are now connected to database "${other}" as user "postgres".`)
    expect(stdout.match(new RegExp(other, 'g'))).toHaveLength(3)
  })

  it('is read-only there too if the target is protected, and a read-write session cannot change', async () => {
    const reading = await shell(
      'PROD_CONNECTION_URL',
      `\\c ${other}\nshow statement_timeout;\ncreate table t ();\n`,
      'prod',
    )
    expect(reading.stdout).toContain('30s')
    expect(reading.stderr).toContain('read-only transaction')
    const confirm = `${first}@127.0.0.1`
    const writing = await shell(
      'PROD_CONNECTION_URL',
      `\\c ${other}\ncreate table t ();\n`,
      'prod',
      '--write',
      '--confirm',
      confirm,
    )
    expect(writing).toMatchObject({exitCode: 7})
    expect(await query(other, "select to_regclass('t') as t")).toEqual([{t: null}])
  })

  it('stays where it is if the other database is protected or missing, or for another role', async () => {
    await cli(['protect'], {env: {CONNECTION_URL: urlOf(other)}})
    expect(await shell('CONNECTION_URL', `\\c ${other}\n`)).toMatchObject({exitCode: 7})
    expect(await shell('CONNECTION_URL', `\\c nowhere_to_be_found\n`)).toMatchObject({exitCode: 5})
    expect((await shell('CONNECTION_URL', `\\c - someone\n`)).stderr).toContain('another role')
    await withConnection(other, (client) => client.query(`comment on database ${other} is null`))
  })
})
