import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {ask, databaseExists, query, uniqueName, urlOf} from '../support/databases.js'
import {withOwnServer} from '../support/other-server.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
beforeAll(async () => {
  await mkdir(join(folder, 'sql'))
  await writeFile(join(folder, 'sql', 'schema.sql'), 'create table fresh ();')
  await writeFile(join(folder, 'sql', 'seed.sql'), 'select 1;')
})

describe('the mark of protect', () => {
  let name: string
  let env: {CONNECTION_URL: string}
  beforeEach(async () => {
    name = uniqueName('marked')
    env = {CONNECTION_URL: urlOf(name)}
    await query('postgres', `create database ${name}`)
    expect(await cli(['protect'], {env})).toMatchObject({exitCode: 0})
  })
  afterEach(() => query('postgres', `drop database if exists ${name} with (force)`))

  async function change(edit: (comment: string, server: string) => string): Promise<void> {
    const sql =
      "select shobj_description(oid, 'pg_database') as comment, (select system_identifier::text from pg_control_system()) as server from pg_database where datname = $1"
    const [row] = await query<{comment: string; server: string}>('postgres', sql, [name])
    const comment = edit(row?.comment ?? '', row?.server ?? '')
    await query('postgres', `comment on database ${name} is '${comment.replaceAll("'", "''")}'`)
  }

  it.each<[string, (mark: string) => string]>([
    ['a line before it', (mark) => `ours\n${mark}`],
    ['a line after it', (mark) => `${mark}\nowned by the shop team`],
    ['an empty line after it', (mark) => `${mark}\n`],
    ['Windows lines around it', (mark) => `ours\r\n${mark}\r\nand more\r\n`],
    ['words on its own line', (mark) => `as it says: "${mark}", so ask first`],
    ['a bracket after it', (mark) => `${mark} [sic]`],
    ['another mark after it', (mark) => `${mark}\n[cruddur-db {"at":"2026-01-01T00:00:00.000Z"}]`],
    ['one that cannot be read after it', (mark) => `${mark}\n[cruddur-db {"protected":]`],
  ])('protects with %s', async (before, edit) => {
    await change(edit)
    const others = before === 'a line before it' ? [['setup', '--force'], ['schema:load'], ['seed'], ['unprotect']] : []
    for (const command of [['drop', '--force'], ...others]) {
      const result = await cli([...command, '--json'], {env, cwd: folder})
      expect(json(result).error, command.join(' ')).toMatchObject({code: 'not_confirmed', exit_code: 7})
    }
    expect(await cli(['unprotect', '--confirm', `${name}@127.0.0.1`], {env})).toMatchObject({exitCode: 0})
    expect(await cli(['drop'], {env})).toMatchObject({exitCode: 0})
  })

  it('protects where it names another server, as after pg_upgrade, and that is said', async () => {
    await change((mark, server) => mark.replaceAll(server, '1234567890123456789'))
    for (const command of ['drop', 'setup', 'unprotect']) {
      const result = await cli([command], {env, cwd: folder})
      expect(result).toMatchObject({exitCode: 7, stdout: ''})
      expect(result.stderr).toMatch(/(another|different|other) server/i)
    }
    expect(await databaseExists(name)).toBe(true)
    expect(await cli(['unprotect', '--confirm', `${name}@127.0.0.1`], {env})).toMatchObject({exitCode: 0})
    expect(await cli(['drop'], {env})).toMatchObject({exitCode: 0})
  })
})

describe('the cache', () => {
  it('leaves what is protected and what is somebody’s own, by any name', async () => {
    await withOwnServer(async (server) => {
      const env = {CONNECTION_URL: server.url('shop')}
      const run = (...args: string[]): ReturnType<typeof cli> => cli(args, {env, cwd: folder})
      const names = async (): Promise<string[]> =>
        (
          await ask<{datname: string}>(
            server.url('postgres'),
            "select datname from pg_database where datname like 'cruddur%' order by 1",
          )
        ).map(({datname}) => datname)
      const own = ['cruddur_cache_0123456789abcdef', 'cruddur_cache_fedcba9876543210', 'cruddur_cache_mine']
      for (const name of own) await ask(server.url('postgres'), `create database ${name}`)
      await ask(
        server.url('postgres'),
        `comment on database ${own[1]} is '[cruddur-db {"state":"cache","key":"fedcba9876543210"}]'`,
      )
      expect(await run('setup', '--cached')).toMatchObject({exitCode: 0})
      const [made = ''] = (await names()).filter((name) => !own.includes(name))
      expect(await cli(['protect'], {env: {CONNECTION_URL: server.url(made)}})).toMatchObject({exitCode: 0})
      const cleared = await run('cache', '--clear', '--json')
      expect(json(cleared).warnings.join('\n')).toContain(made)
      expect(await names()).toEqual([...own, made].sort())
      // The oldest goes once there are more than three, but not this one.
      for (const n of [1, 2, 3, 4]) {
        await writeFile(join(folder, 'sql', 'seed.sql'), `select ${n};`)
        expect(await run('setup', '--cached')).toMatchObject({exitCode: 0})
      }

      expect(await names()).toEqual(expect.arrayContaining([...own, made]))
      expect(await run('cache', '--clear')).toMatchObject({exitCode: 0})
      expect(await names()).toEqual([...own, made].sort())
    })
  })
})
