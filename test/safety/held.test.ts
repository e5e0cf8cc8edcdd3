import {expect, it} from 'vitest'
import {cli, type CliResult} from '../support/cli.js'
import {ask} from '../support/databases.js'
import {withOwnServer} from '../support/other-server.js'
import {copyCruddurSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

it('a prepared transaction or a replication slot stops setup before anything is touched, force or not', async () => {
  const folder = folderOfTest()
  await copyCruddurSql(folder)
  await withOwnServer(
    async ({url}) => {
      const command = (...args: string[]): Promise<CliResult> =>
        cli(args, {env: {CONNECTION_URL: url('shop')}, cwd: folder})
      expect(await command('setup', '--no-undo')).toMatchObject({exitCode: 0})
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
        await ask(url('shop'), hold)
        for (const args of commands) {
          const result = await command(...args)
          expect(result, `${args.join(' ')} with ${hold}`).toMatchObject({exitCode: 5, stdout: ''})
          expect(result.stderr).toContain('is held by a prepared transaction, a replication slot or a subscription')
        }

        await ask(url('shop'), 'select count(*) from users')
        await ask(url('shop'), release)
      }

      expect(await command('setup')).toMatchObject({exitCode: 0})
    },
    {max_prepared_transactions: 2, wal_level: 'logical'},
  )
})
