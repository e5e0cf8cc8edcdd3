import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, json, type Running, start} from '../support/cli.js'
import {query, uniqueName, untilRows, urlOf} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const database = uniqueName()
const application = uniqueName('app')
const env = {CONNECTION_URL: `${urlOf(database)}?application_name=${application}`}
const folder = temporaryFolder()

beforeAll(async () => {
  await writeFile(join(folder, 'slow.sql'), 'create table left_behind (); select pg_sleep(600);')
  await cli(['create'], {env})
})
afterAll(async () => {
  await cli(['drop', '--force'], {env})
})

/** Waits until the session of this test runs its slow statement, as the server sees it. */
async function untilRunning(): Promise<number> {
  const [row] = await untilRows<{pid: number}>(
    'postgres',
    "select pid from pg_stat_activity where application_name = $1 and query like '%pg_sleep%' and state = 'active'",
    [application],
  )
  return row?.pid ?? NaN
}

const seed = (args: string[], file = 'slow.sql'): Running =>
  start(['seed', '--file', join(folder, file), ...args], {env})

describe('an interrupted command', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends its session on %s, leaves nothing behind and exits with 130',
    async (signal) => {
      const running = seed([])
      const pid = await untilRunning()
      running.kill(signal)
      const result = await running
      expect(result.exitCode).toBe(130)
      expect(result.stderr).toContain('Interrupted.')
      expect(await query('postgres', 'select 1 from pg_stat_activity where pid = $1', [pid])).toEqual([])
      expect(await query(database, "select to_regclass('left_behind') as left")).toEqual([{left: null}])
    },
  )

  it('ends its session in the middle of COPY data', async () => {
    await query(database, 'create table if not exists copied (a int)')
    await query(
      database,
      "create or replace function wait() returns trigger language plpgsql as 'begin perform pg_sleep(600); return new; end'",
    )
    await query(
      database,
      'create trigger wait before insert on copied for each row when (new.a = 90000) execute function wait()',
    )
    const rows = Array.from({length: 300_000}, (_, id) => `${id}\n`).join('')
    await writeFile(
      join(folder, 'copy.sql'),
      `create table left_behind (); /* pg_sleep */\ncopy copied from stdin;\n${rows}\\.\n`,
    )
    const running = seed([], 'copy.sql')
    await untilRunning()
    running.kill('SIGINT')
    expect((await running).exitCode).toBe(130)
    expect(
      await query(database, "select to_regclass('left_behind') as left, (select count(*)::int from copied) as rows"),
    ).toEqual([{left: null, rows: 0}])
  })

  it.each([1, 2])('gives one JSON document all the same, asked %i times', async (times) => {
    const running = seed(['--json'])
    await untilRunning()
    for (let asked = 0; asked < times; asked++) running.kill('SIGINT')
    const {exitCode, stdout} = await running
    expect(exitCode).toBe(130)
    expect(json({stdout: stdout})).toMatchObject({
      command: 'seed',
      error: {code: 'interrupted', exit_code: 130},
    })
    // Asked twice the program has gone at once, and its statement may still run when the next test looks for its own.
    await query(
      'postgres',
      'select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = $1',
      [application],
    )
  })

  it('reports a session that was ended from outside as a lost connection', async () => {
    const running = seed([])
    await query('postgres', 'select pg_terminate_backend($1)', [await untilRunning()])
    const result = await running
    expect(result.exitCode).toBe(4)
    expect(result.stderr).toContain('was lost')
  })
})
