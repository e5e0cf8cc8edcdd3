import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {ask, databaseExists, query, uniqueName, urlOf} from '../support/databases.js'
import {withOwnServer} from '../support/other-server.js'
import {copyCruddurSql, writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'
import {withTerminal} from '../support/terminal.js'

let name: string
let folder: string
const run = (args: string[], variable = 'CONNECTION_URL'): Promise<CliResult> =>
  cli(args, {env: {[variable]: urlOf(name)}, cwd: folder})

beforeEach(async () => {
  name = uniqueName('refused')
  folder = folderOfTest()
  await writeSql(folder, {schema: 'create table fresh ();', seed: 'select 1;'})
})
afterEach(async () => {
  const own = await query<{datname: string}>(
    'postgres',
    'select datname from pg_database where starts_with(datname, $1)',
    [name],
  )
  for (const {datname} of own) await query('postgres', `drop database ${datname} with (force)`)
})

describe('a database that appears while a question waits', () => {
  it('is not touched by setup, although the words are right', async () => {
    const env = {STAGING_CONNECTION_URL: urlOf(name)}
    await withTerminal(['setup', 'staging'], {env, cwd: folder}, async (terminal) => {
      await terminal.until(`To confirm, type ${name}@127.0.0.1:`)
      await query('postgres', `create database ${name}`)
      await query(name, "create table colleagues as select 'data' as theirs")
      terminal.type(`${name}@127.0.0.1\r`)
      expect(await terminal.exit).toBe(5)
    })
    expect(await query(name, 'select theirs from colleagues')).toEqual([{theirs: 'data'}])
  })
})

describe('words that confirm another database', () => {
  it.each([
    ['drop'],
    ['setup'],
    ['seed'],
    ['schema:load'],
    ['undo'],
    ['undo', '--discard'],
    ['unprotect'],
    ['sessions:kill', '--idle-over', '1h'],
    ['connect', '--write'],
  ])('stop %s %s on one that needs none', async (...args) => {
    await query('postgres', `create database ${name}`)
    const command = args.filter((arg) => arg !== undefined)
    const others = command[0] === 'drop' ? [`${name}@localhost`, ''] : []
    for (const words of ['cruddur@db.example.com', ...others]) {
      const result = await run([...command, '--confirm', words])
      expect(result, result.stderr).toMatchObject({exitCode: 7, stdout: ''})
      expect(result.stderr).toContain(`--confirm ${name}@127.0.0.1`)
    }
    expect(await databaseExists(name)).toBe(true)
  })

  it('do no harm where they are right', async () => {
    await query('postgres', `create database ${name}`)
    expect(json(await run(['drop', '--confirm', 'x@y', '--json'])).error).toMatchObject({
      code: 'confirmation_differs',
      exit_code: 7,
    })
    expect(await run(['drop', '--confirm', `${name}@127.0.0.1`])).toMatchObject({exitCode: 0})
  })
})

describe('an activity of a protected database', () => {
  it('is neither changed nor deleted without the words', async () => {
    await copyCruddurSql(folder)
    expect(await run(['setup'])).toMatchObject({exitCode: 0})
    const [{handle} = {handle: ''}] = await query<{handle: string}>(name, 'select handle from users limit 1')
    const {uuid} = json(
      await run(['activity:create', '--handle', handle, '--message', 'hello', '--ttl', '7-days', '--json']),
    ).result as {uuid: string}
    const commands = [
      ['activity:update', '--handle', handle, '--uuid', uuid, '--message', 'changed'],
      ['activity:delete', '--handle', handle, '--uuid', uuid],
    ]
    for (const [command = '', ...flags] of commands) {
      expect(await run([command, 'prod', ...flags], 'PROD_CONNECTION_URL')).toMatchObject({exitCode: 7, stdout: ''})
    }

    expect(await run(['protect'])).toMatchObject({exitCode: 0})
    for (const command of commands) {
      expect(await run(command)).toMatchObject({
        exitCode: 7,
        stdout: '',
        stderr: expect.stringContaining('cruddur-db protect has marked it') as string,
      })
      expect(await query(name, 'select message from activities where uuid = $1', [uuid])).toEqual([{message: 'hello'}])
    }

    for (const command of commands)
      expect(await run([...command, '--confirm', `${name}@127.0.0.1`])).toMatchObject({exitCode: 0})
    expect(await query(name, 'select message from activities where uuid = $1', [uuid])).toEqual([])
  })
})

describe('a kept database that cannot be dropped', () => {
  it('is a warning with its name and what to run, never a failure: a template, or one that is in use', async () => {
    await run(['setup'])
    await run(['setup'])
    await query('postgres', `alter database ${name}_undo is_template true`)
    for (let time = 0; time < 2; time += 1) {
      const result = await run(['setup', '--json'])
      expect(result, result.stderr).toMatchObject({exitCode: 0})
      expect(json(result).warnings).toEqual([expect.stringContaining(`drop database "${name}_undo"`) as string])
    }

    expect(await run(['drop', '--discard-undo'])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining(`"${name}_undo" could not be dropped`) as string,
    })
    await query('postgres', `alter database ${name}_undo is_template false`)
  })

  it('with a prepared transaction is one too', async () => {
    await withOwnServer(
      async (server) => {
        const command = (...args: string[]): Promise<CliResult> =>
          cli(args, {env: {CONNECTION_URL: server.url('shop')}, cwd: folder})
        await command('setup')
        await command('setup')
        await ask(server.url('shop_undo'), "begin; create table held (); prepare transaction 'p'")
        for (let time = 0; time < 2; time += 1) {
          const result = await command('setup')
          expect(result, result.stderr).toMatchObject({
            exitCode: 0,
            stderr: expect.stringContaining('"shop_undo" could not be dropped') as string,
          })
        }
        await ask(server.url('shop_undo'), "rollback prepared 'p'")
        expect(await command('setup')).toMatchObject({
          exitCode: 0,
          stderr: expect.stringContaining('Removed "shop_undo"') as string,
        })
      },
      {max_prepared_transactions: 2},
    )
  })
})

describe('drop', () => {
  it('says that an undo copy is left and how to get it back, or takes it along', async () => {
    await run(['setup'])
    await query(name, "create table treasure as select 'gold' as what")
    await run(['setup'])
    const dropped = await run(['drop'])
    expect(dropped.stdout).toMatch(
      new RegExp(
        `^Dropped ${name}\\.\\nThe undo copy was not dropped: ${name}_undo \\([\\d.]+ MB\\), replaced at [\\d: -]+ UTC\\.\\nTo drop it: cruddur-db undo --discard\\nTo restore it as ${name}: cruddur-db undo$`,
      ),
    )
    expect(await run(['undo'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        new RegExp(`^Restored: ${name} is now the database that was replaced at `),
      ) as string,
    })
    expect(await query(name, 'select what from treasure')).toEqual([{what: 'gold'}])
    await run(['setup'])
    expect(await run(['drop', '--discard-undo'])).toMatchObject({exitCode: 0, stdout: `Dropped ${name}.`})
    expect(await databaseExists(`${name}_undo`)).toBe(false)
  })

  it('names the undo that works after it: through the guard on another target, and SQL where undo cannot tell whose the copy is', async () => {
    await run(['setup'])
    await query(name, "create table treasure as select 'gold' as what")
    await run(['setup'])
    const words = `${name}@127.0.0.1`
    const dropped = await run(['drop', 'staging', '--confirm', words], 'STAGING_CONNECTION_URL')
    expect(dropped.stdout).toMatch(new RegExp(`\nTo restore it as ${name}: cruddur-db undo staging$`))
    expect(await run(['undo', 'staging'], 'STAGING_CONNECTION_URL')).toMatchObject({exitCode: 7})
    expect(await run(['undo', 'staging', '--confirm', words], 'STAGING_CONNECTION_URL')).toMatchObject({exitCode: 0})
    expect(await query(name, 'select what from treasure')).toEqual([{what: 'gold'}])

    const owner = uniqueName('owner')
    await query('postgres', `create role ${owner}`)
    await query('postgres', `alter database ${name} owner to ${owner}`)
    await run(['setup'])
    const others = await run(['drop'])
    const sql = `alter database "${name}_undo" rename to "${name}"`
    expect(others.stdout.split('\n').at(-1)).toBe(`To restore it as ${name}: ${sql};`)
    expect(await run(['undo'])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining(`its owner is the role "${owner}"`) as string,
    })
    await query('postgres', sql)
    expect(await query(name, 'select what from treasure')).toEqual([{what: 'gold'}])
    await query('postgres', `drop database ${name}`)
    await query('postgres', `drop role ${owner}`)
  })

  it('leaves nothing to undo where no setup has kept a copy, and undo says so', async () => {
    await run(['create'])
    expect(await run(['drop'])).toMatchObject({exitCode: 0, stdout: `Dropped ${name}.`})
    expect(await run(['undo'])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining(`There is no undo copy of "${name}". Nothing was changed.`) as string,
    })
  })
})

describe('an error 3D000 in a file', () => {
  it.each([
    ['seed', 'begin; insert into t values (1); commit; grant connect on database nosuch to public;', 1],
    ['schema:load', 'insert into t values (1); grant connect on database nosuch to public;', 0],
  ])('is the file’s own for %s, which is run once', async (command, text, rows) => {
    await query('postgres', `create database ${name}`)
    await query(name, 'create table t (x int)')
    await writeSql(folder, command === 'seed' ? {seed: text} : {schema: text})
    expect(await run([command])).toMatchObject({exitCode: 6, stderr: expect.stringContaining('3D000') as string})
    expect(await query(name, 'select count(*)::int as n from t')).toEqual([{n: rows}])
  })
})
