import {execa} from 'execa'
import {chmod, chown, mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {bareEnvironment, cli, json, program} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

const isRoot = process.getuid?.() === 0
/** No passwd file has an entry for it, as for the user of a container that is run with another uid. */
const account = {uid: 123_456, gid: 123_456}
const database = uniqueName()
const env = {CONNECTION_URL: urlOf(database)}

beforeAll(() => query('postgres', `create database ${database}`))
afterAll(() => query('postgres', `drop database ${database}`))

// Only root can run a program as another account.
describe.runIf(isRoot)('an account without a name and a home folder', () => {
  it('runs commands that need neither', async () => {
    for (const args of [
      ['sessions'],
      ['target'],
      ['doctor'],
      ['wait'],
      ['create'],
      ['connect', '--', '-c', 'select 1'],
    ]) {
      const result = await cli(args, {env, account, cwd: '/'})
      expect(result.stderr).not.toContain('A bug')
      expect(result.exitCode, args[0]).toBe(args[0] === 'doctor' ? 9 : 0)
    }
  })

  it('is told what to set, where the name of the user is needed', async () => {
    const {host} = new URL(urlOf(database))
    const result = await cli(['sessions', '--json'], {
      env: {CONNECTION_URL: `postgresql://${host}/${database}`},
      account,
      cwd: '/',
    })
    expect(json(result).error).toMatchObject({
      code: 'url_invalid',
      message: 'CONNECTION_URL names no user, and the account of this process (uid 123456) has no name.',
      next: ['Write the user into the URL, or set PGUSER.'],
    })
  })

  it('is told what to set, where the embedded server has no folder', async () => {
    for (const command of ['server:start', 'server:status', 'sessions']) {
      const result = await cli([command, '--json'], {account, cwd: '/'})
      expect(json(result).error).toMatchObject({code: 'home_missing', exit_code: 3})
    }
  })

  it('is told what to do if Postgres itself does not run for it', async () => {
    const home = folderOfTest()
    await chmod(home, 0o755)
    await mkdir(join(home, 'data'))
    await chown(join(home, 'data'), account.uid, account.gid)
    const env = {CRUDDUR_DB_HOME: join(home, 'data')}
    const started = await cli(['server:start'], {env, account, cwd: '/'})
    expect(started.exitCode).toBe(3)
    expect(started.stderr).toContain('initdb failed: could not look up effective user ID 123456: user does not exist.')
    expect(started.stderr).toContain('Set CONNECTION_URL')
  })
})

describe('a home folder that is read-only', () => {
  // Only root can run a program as another account.
  it.runIf(isRoot)('is named, where the embedded server cannot be made in it', async () => {
    const home = folderOfTest()
    await chmod(home, 0o555)
    for (const variables of [{HOME: home}, {CRUDDUR_DB_HOME: home}]) {
      const result = await cli(['server:start', '--json'], {env: variables, account, cwd: '/'})
      expect(json(result).error).toMatchObject({code: 'home_unusable', exit_code: 3})
    }
  })
})

// Windows does not delete a folder that a process works in.
describe.skipIf(process.platform === 'win32')('a working folder that was deleted', () => {
  it('stops only commands that need a file of it', async () => {
    const gone = join(folderOfTest(), 'gone')
    const run = async (args: string, variables: NodeJS.ProcessEnv = {}) =>
      execa(
        'sh',
        ['-c', `mkdir '${gone}'; cd '${gone}'; rmdir '${gone}'; exec "${process.execPath}" "${program}" ${args}`],
        {
          env: {...bareEnvironment, ...variables},
          extendEnv: false,
          reject: false,
        },
      )
    for (const args of ['sessions', 'target', 'wait', 'create', "connect -- -c 'select 1'", '--version'])
      expect(await run(args, env)).toMatchObject({exitCode: 0, stderr: expect.not.stringContaining('Error') as string})
    expect(await run('schema:load', env)).toMatchObject({
      exitCode: 3,
      stderr: expect.not.stringContaining('A bug') as string,
    })
    expect((await run('init')).stderr).not.toContain('A bug')
  })
})
