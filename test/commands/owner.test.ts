import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {program} from '../support/cli.js'
import {query} from '../support/databases.js'
import {shellFixture} from '../support/shell.js'
import {withTerminal} from '../support/terminal.js'

const fixture = shellFixture()
const ownSession = fileURLToPath(new URL('../support/own-session.cjs', import.meta.url))
const asleep =
  "select 1 from pg_stat_activity where datname = $1 and query like 'select pg_sleep(600)%' and state = 'active'"

describe('a command whose terminal is gone, in a session of its own, as under su', () => {
  it.each([
    ['sessions --watch', ['sessions', '--watch'], '? help  q quit'],
    ['sessions --watch that looks once an hour', ['sessions', '--watch', '1h'], '? help  q quit'],
    ['the SQL shell', ['connect'], '=# '],
    ['wait', ['wait', 'away', '--timeout', '1h'], 'Waiting: No server'],
    ['a question', ['drop', 'prod'], 'To confirm, type'],
  ])('ends: %s', async (_, args, shown) => {
    const env = {...fixture.env, AWAY_CONNECTION_URL: 'postgres://u:p@127.0.0.1:1/d'}
    await withTerminal([ownSession, program, ...args], {file: process.execPath, env}, async (terminal) => {
      await terminal.until(shown)
      terminal.hangUp()
      expect(await terminal.exit).toBe(129)
    })
  })

  it('ends with its statement: the SQL shell', async () => {
    const {env, database} = fixture
    await withTerminal([ownSession, program, 'connect'], {file: process.execPath, env}, async (terminal) => {
      await terminal.until('=# ')
      terminal.type('select pg_sleep(600);\r')
      await expect.poll(() => query('postgres', asleep, [database]), {timeout: 30_000}).toHaveLength(1)
      terminal.hangUp()
      expect(await terminal.exit).toBe(129)
    })
    await expect.poll(() => query('postgres', asleep, [database]), {timeout: 30_000}).toHaveLength(0)
  })

  it('ends and leaves the database as it was: seed', async () => {
    const {env, database, folder} = fixture
    const file = join(folder, 'slow.sql')
    await writeFile(file, 'create table left_behind ();\nselect pg_sleep(600);')
    await withTerminal(
      [ownSession, program, 'seed', '--file', file],
      {file: process.execPath, env},
      async (terminal) => {
        await expect
          .poll(() => query('postgres', asleep.replace("like 's", "like '%s"), [database]), {timeout: 30_000})
          .toHaveLength(1)
        terminal.hangUp()
        expect(await terminal.exit).toBe(129)
      },
    )
    expect(await query(database, "select to_regclass('left_behind') as left")).toEqual([{left: null}])
  })
})
