import {Client} from 'pg'
import {expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {withServerHome} from '../support/server-home.js'
import {copyCruddurSql} from '../support/sql-folder.js'

it('a prepared transaction or a replication slot stops setup before anything is touched, force or not', async () => {
  await withServerHome(async (env, home) => {
    const {stdout: url} = await cli(['server:start', '--url'], {env})
    const run = async (name: string, ...statements: string[]): Promise<void> => {
      const client = new Client({connectionString: url.replace(/\w+$/, name)})
      await client.connect()
      for (const statement of statements) await client.query(statement)
      await client.end()
    }
    await run('postgres', 'alter system set max_prepared_transactions = 2', 'alter system set wal_level = logical')
    await cli(['server:stop'], {env})
    await copyCruddurSql(home)
    const {database} = json(await cli(['setup', '--no-undo', '--json'], {env, cwd: home})).target ?? {database: ''}
    const setups = [['setup'], ['setup', '--force']]
    const holds = [
      [
        "begin; create table t (); prepare transaction 'p'",
        "rollback prepared 'p'",
        [...setups, ['drop'], ['drop', '--force']],
      ],
      // Postgres drops a slot that no one reads from along with its database: what drop is told to do, setup is not.
      ["select pg_create_logical_replication_slot('s', 'pgoutput')", "select pg_drop_replication_slot('s')", setups],
    ] as const
    for (const [hold, release, commands] of holds) {
      await run(database, hold)
      for (const command of commands) {
        const result = await cli([...command], {env, cwd: home})
        expect(result, `${command.join(' ')} with ${hold}`).toMatchObject({exitCode: 5, stdout: ''})
        expect(result.stderr).toContain('is held by a prepared transaction, a replication slot or a subscription')
      }

      await run(database, 'select count(*) from users', release)
    }

    expect(await cli(['setup'], {env, cwd: home})).toMatchObject({exitCode: 0})
  })
})
