import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {writeSql} from '../support/sql-folder.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {withTerminal} from '../support/terminal.js'

const name = uniqueName('effect')
const words = `${name}@127.0.0.1`
const local = {CONNECTION_URL: urlOf(name)}
const prod = {PROD_CONNECTION_URL: urlOf(name)}
const uuid = '5e0cfd4a-1f4b-4b5e-9f2e-0d3f6a7b8c9d'
const holding = '2 tables with about 1,204 rows'
const folder = temporaryFolder()

beforeAll(async () => {
  await writeSql(folder, {
    schema: 'drop table if exists users; create table users (id int); create table posts (id int);',
    seed: 'insert into users select generate_series(1, 1200); insert into posts select generate_series(1, 4);',
  })
  for (let times = 0; times < 2; times += 1)
    expect(await cli(['setup'], {env: local, cwd: folder})).toMatchObject({exitCode: 0})
  await query(name, 'analyze')
})
afterAll(async () => {
  await cli(['drop', '--force', '--discard-undo'], {env: local})
})

const refused = async (args: string[], env: NodeJS.ProcessEnv = prod): Promise<CliResult> => {
  const result = await cli(args, {env, cwd: folder})
  expect(result).toMatchObject({exitCode: 7, stdout: ''})
  return result
}

describe('what work on a protected target will do is said before it is confirmed', () => {
  it.each([
    [['drop', 'prod'], `This drops ${name} (${holding}). There is no undo.`],
    [
      ['drop', 'prod', '--discard-undo'],
      `This drops ${name} (${holding}), and the undo copy ${name}_undo. There is no undo.`,
    ],
    [
      ['setup', 'prod'],
      `This replaces ${name} (${holding}) with a new database from sql/schema.sql and sql/seed.sql. The old database is dropped. There is no undo on prod.`,
    ],
    [['undo', 'prod'], `This swaps ${name} (${holding}) with ${name}_undo (replaced at `],
    [['undo', 'prod', '--discard'], `This drops the undo copy ${name}_undo. There is no undo.`],
    [
      ['schema:load', 'prod'],
      `This runs sql/schema.sql on ${name} (${holding}). It drops or truncates users (about 1,200 rows). There is no undo.`,
    ],
    [
      ['seed', 'prod', '--file', 'sql/seed.sql'],
      `This runs sql/seed.sql, which adds rows to ${name} (${holding}). There is no undo.`,
    ],
    [['unprotect', 'prod'], `This removes the marker from ${name}. It stays protected by its name or host.`],
    [
      ['activity:delete', 'prod', '--handle', 'ada', '--uuid', uuid],
      `This deletes activity ${uuid} and its replies. There is no undo.`,
    ],
    [
      ['activity:update', 'prod', '--handle', 'ada', '--uuid', uuid, '--message', 'x'],
      `This replaces the message of activity ${uuid}. The old message is lost.`,
    ],
  ])('%j', async (args, sentence) => {
    const {stderr} = await refused(args)
    expect(stderr).toContain(`\n${sentence}`)
    const {error} = json(await cli([...args, '--json'], {env: prod, cwd: folder}))
    const kind = args.includes('--discard') ? 'discard' : args[0]
    expect(error).toMatchObject({
      code: 'not_confirmed',
      details: {confirm: words, protection: 'name', exists: true, effect: {kind}},
    })
  })

  it('connect --write, with what it may change', async () => {
    const {stderr} = await refused(['connect', 'prod', '--write'])
    expect(stderr).toContain(
      `\nThis opens a session that can change and drop everything in ${name} (${holding}). There is no undo.\n`,
    )
  })

  it('sessions:kill, with how many', async () => {
    await withConnection(name, async (client) => {
      const {
        rows: [row],
      } = await client.query<{pid: number}>('select pg_backend_pid() as pid')
      const {stderr} = await refused(['sessions:kill', 'prod', String(row?.pid)])
      expect(stderr).toContain('\nThis ends 1 session. Uncommitted changes are lost.\n')
      const {error} = json(await cli(['sessions:kill', 'prod', '--database', name, '--json'], {env: prod}))
      expect(error?.details).toMatchObject({
        effect: {kind: 'sessions:kill', count: 1, cancel: false},
        ending: [{pid: row?.pid}],
      })
    })
  })

  it('names the sessions that --force ends, and without it that they are in the way', async () => {
    await withConnection(name, async (client) => {
      await client.query("set application_name = 'the api'")
      expect((await refused(['drop', 'prod', '--force'])).stderr).toContain(
        `This drops ${name} (${holding}), and ends 1 session. There is no undo.`,
      )
      expect((await refused(['drop', 'prod'])).stderr).toMatch(
        /^ {2}connected +the api; use --force to end their sessions$/m,
      )
    })
  })

  it('names the copy that a setup of a marked local database drops, and what is kept or not', async () => {
    expect(await cli(['protect'], {env: local})).toMatchObject({exitCode: 0})
    const {stderr} = await refused(['setup'], local)
    expect(stderr).toContain(
      `This replaces ${name} (${holding}) with a new database from sql/schema.sql and sql/seed.sql. The old database is kept for undo. This drops the undo copy ${name}_undo.`,
    )
    expect((await refused(['setup', '--no-undo'], local)).stderr).toContain(
      ` The old database is dropped. There is no undo.\n`,
    )
    expect((await refused(['unprotect'], local)).stderr).toContain(
      `This removes the marker from ${name}. Commands that destroy it no longer ask for confirmation.\n`,
    )
    expect(await cli(['unprotect', '--confirm', words], {env: local})).toMatchObject({exitCode: 0})
  })

  it('says so where nothing is known, or nothing is there', async () => {
    const unreachable = {PROD_CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}
    expect((await refused(['drop', 'prod'], unreachable)).stderr).toContain(
      'This drops d (contents not known). There is no undo.',
    )
    expect((await refused(['schema:load', 'prod'], unreachable)).stderr).toContain(
      'Which tables it drops or truncates is not known.',
    )
    expect((await refused(['undo', 'prod'], unreachable)).stderr).toContain(
      'This swaps d (contents not known) with its undo copy. A second undo swaps back.',
    )
    const absent = uniqueName('absent')
    const nothing = {PROD_CONNECTION_URL: urlOf(absent)}
    expect(await cli(['drop', 'prod'], {env: nothing})).toMatchObject({
      ...{exitCode: 0, stdout: `${absent} does not exist. Nothing was dropped.`},
    })
    expect((await refused(['setup', 'prod'], nothing)).stderr).toContain(
      `${absent} does not exist. This builds it from sql/schema.sql and sql/seed.sql.`,
    )
    expect(await cli(['undo', 'prod'], {env: nothing})).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining(`There is no undo copy of "${absent}"`) as string,
    })
  })

  it('takes rows that the server has never counted for unknown, and adds those of partitions', async () => {
    const odd = uniqueName('odd')
    await query('postgres', `create database ${odd}`)
    await withConnection(odd, async (client) => {
      await client.query(`
        create table parts (at int) partition by range (at); create table part_1 partition of parts for values from (0) to (10);
        insert into parts values (1), (2), (3); create table hollow (id int); analyze parts, part_1`)
      const env = {PROD_CONNECTION_URL: urlOf(odd)}
      expect((await refused(['drop', 'prod'], env)).stderr).toContain(`This drops ${odd} (2 tables with about 3 rows).`)
      // What a session has not told the statistics yet is known to nobody else.
      await client.query(
        'begin; create table fresh as select generate_series(1, 50) as n; alter table fresh set (autovacuum_enabled = false); commit',
      )
      await client.query('select pg_stat_force_next_flush()').catch(() => undefined)
      await client.query("select pg_stat_reset_single_table_counters('fresh'::regclass)")
      const {stderr} = await refused(['drop', 'prod'], env)
      expect(stderr).toContain(`This drops ${odd} (3 tables with about 3 rows, 1 table not counted).`)
      expect(stderr).toContain('fresh (rows not counted)')
    })
    await query('postgres', `drop database ${odd}`)
  })

  it('fits a terminal of 80 columns, between words', async () => {
    await withTerminal(['setup', 'prod'], {env: prod, cwd: folder, columns: 80}, async (terminal) => {
      await terminal.until(`To confirm, type ${words}:`)
      const screen = terminal.screen()
      const from = screen.findIndex((line) => line.startsWith('This replaces '))
      expect(screen.slice(from, from + 3).join(' ')).toContain(
        'This replaces ' +
          `${name} (${holding}) with a new database from sql/schema.sql and sql/seed.sql. The old database is dropped. There is no undo on prod.`,
      )
      terminal.type('\x03')
      expect(await terminal.exit).toBe(130)
    })
  })
})
