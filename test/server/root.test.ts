import {execa} from 'execa'
import {chmod, chown, link, lstat, mkdir, readdir, readFile, rename, stat, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {bareEnvironment, cli, json, program} from '../support/cli.js'
import {withServerHome} from '../support/server-home.js'

const commands = ['server:status', 'server:start', 'server:stop', 'sessions']

// Only root's server runs under another account.
describe.runIf(process.getuid?.() === 0)('root, whose server runs under another account', () => {
  it("follows no link and waits for no writer in that account's folder", async () => {
    await withServerHome(async (env, home) => {
      await cli(['server:start'], {env})
      await cli(['server:stop'], {env})
      const data = join(home, '18', 'data')
      const pidFile = join(data, 'postmaster.pid')
      const {uid, gid} = await stat(data)
      const secret = join(home, 'secret')
      await writeFile(secret, `${process.pid}\nof root\n`, {mode: 0o600})
      const asAccount = ([program, ...args]: readonly [string, ...string[]]): Promise<unknown> =>
        execa(program, args, {uid, gid, cwd: data})
      for (const make of [
        ['ln', '-s', secret, pidFile],
        ['mkfifo', pidFile],
      ] as const) {
        await asAccount(make)
        for (const command of commands) {
          const result = await cli([command, '--json'], {env})
          expect(json(result).error).toMatchObject({code: 'home_unusable', exit_code: 3})
          expect(result.stdout).not.toContain('of root')
        }

        await asAccount(['rm', pidFile])
      }

      // A hard link, which only some systems refuse to that account.
      await link(secret, pidFile)
      expect(json(await cli(['server:start', '--json'], {env})).error).toMatchObject({code: 'home_unusable'})
      await asAccount(['rm', pidFile])
      expect(await readFile(secret, 'utf8')).toBe(`${process.pid}\nof root\n`)
      expect((await lstat(secret)).uid).toBe(0)
      expect(await cli(['server:start'], {env})).toMatchObject({exitCode: 0})
    })
  })

  it('refuses a home of another account, where it could be led to other files', async () => {
    await withServerHome(async (env, home) => {
      await cli(['server:start'], {env})
      await cli(['server:stop'], {env})
      const {uid, gid} = await stat(join(home, '18', 'data'))
      await chown(join(home, '18'), uid, gid)
      await rename(join(home, '18', 'port'), join(home, '18', 'moved'))
      await writeFile(join(home, 'victim'), 'untouched')
      await symlink(join(home, 'victim'), join(home, '18', 'port'))
      for (const command of commands)
        expect(json(await cli([command, '--json'], {env})).error).toMatchObject({code: 'home_unusable'})
      expect(await readFile(join(home, 'victim'), 'utf8')).toBe('untouched')
    })
  })

  it('refuses a home that another account can exchange, above it or by a link', async () => {
    await withServerHome(async (_, outer) => {
      const [above, link] = [join(outer, 'above'), join(outer, 'link')]
      const home = join(above, 'in', 'home')
      await mkdir(join(above, 'in'), {recursive: true})
      await symlink(join(above, 'in'), link)
      const run = async (env: NodeJS.ProcessEnv): Promise<string> => {
        const result = await cli(['server:start', '--json'], {env})
        return result.exitCode === 0 ? 'started' : (json(result).error?.code ?? '')
      }
      const set = async (uid: number, gid: number, mode: number): Promise<void> => {
        await chown(above, uid, gid)
        await chmod(above, mode)
      }
      const env = {CRUDDUR_DB_HOME: home}
      await set(4711, 4711, 0o755)
      const refused = await cli(['server:start'], {env})
      expect(refused).toMatchObject({exitCode: 3, stdout: ''})
      expect(refused.stderr).toContain(`the user with uid 4711 can replace what is in ${above}. Nothing was changed.`)
      expect(await run({CRUDDUR_DB_HOME: join(link, 'home')})).toBe('home_unusable')
      await set(0, 4711, 0o775)
      expect(await run(env)).toBe('home_unusable')
      await set(0, 0, 0o777)
      expect(await run(env)).toBe('home_unusable')
      expect(await readdir(join(above, 'in'))).toEqual([])

      const allowed = [
        ['sticky, as /tmp', () => set(0, 0, 0o1777), {}],
        ["a folder of sudo's user", () => set(4711, 4711, 0o755), {SUDO_UID: '4711'}],
        ['named as safe', () => set(4711, 4711, 0o755), {CRUDDUR_DB_SAFE_DIRECTORY: above}],
        ['of the group of root', () => set(0, 0, 0o775), {}],
      ] as const
      try {
        for (const [what, make, more] of allowed) {
          await make()
          expect(await run({...env, ...more}), what).toBe('started')
        }

        // A server that is there is not used either.
        await set(4711, 4711, 0o755)
        for (const command of commands)
          expect(json(await cli([command, '--json'], {env})).error).toMatchObject({code: 'home_unusable'})
        const {uid, gid} = await stat(join(home, '18', 'data'))
        await set(uid, gid, 0o775)
        expect(await run(env)).toBe('started')
      } finally {
        await set(0, 0, 0o755)
        await cli(['server:stop'], {env})
      }
    })
  })

  it.each(['077', '027'])('makes a home that its server can use, with the umask %s', async (umask) => {
    await withServerHome(async (_, outer) => {
      const env = {CRUDDUR_DB_HOME: join(outer, 'made', 'by us')}
      const run = (command: string): Promise<{exitCode?: number; stderr: string}> =>
        execa('sh', ['-c', `umask ${umask}; exec "${process.execPath}" "${program}" ${command}`], {
          env: {...bareEnvironment, ...env},
          extendEnv: false,
          reject: false,
        })
      expect(await run('server:start')).toMatchObject({exitCode: 0})
      expect(await run('server:stop')).toMatchObject({exitCode: 0})
      // Left by an earlier version.
      const left = join(outer, 'left')
      await mkdir(left)
      await chmod(left, 0o700)
      env.CRUDDUR_DB_HOME = left
      expect(await run('server:start')).toMatchObject({exitCode: 0})
      expect(await run('server:stop')).toMatchObject({exitCode: 0})
    })
  })
})

describe('the home of the embedded server', () => {
  it('is relative to the folder of the .env file that names it', async () => {
    await withServerHome(async (_, outer) => {
      await mkdir(join(outer, '.git'))
      await mkdir(join(outer, 'deep', 'down'), {recursive: true})
      await writeFile(join(outer, '.env'), 'CRUDDUR_DB_HOME=data\n')
      for (const cwd of [outer, join(outer, 'deep', 'down')])
        expect(json(await cli(['server:status', '--json'], {cwd})).result).toMatchObject({home: join(outer, 'data')})
    })
  })

  it('has its path of a Unix socket checked', async () => {
    const url = `postgresql://u@${encodeURIComponent(`/${'x'.repeat(120)}`)}/d`
    const result = await cli(['sessions', '--json'], {env: {CONNECTION_URL: url}})
    expect(json(result).error).toMatchObject({
      code: 'socket_path_too_long',
      exit_code: 3,
      message: expect.stringContaining('longer than 10') as string,
    })
  })
})
