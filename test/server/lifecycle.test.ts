import {execa} from 'execa'
import {mkdir, readdir, readFile, rename, stat, writeFile} from 'node:fs/promises'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {cli, json, start} from '../support/cli.js'
import {ask} from '../support/databases.js'
import {withServerHome} from '../support/server-home.js'

async function valueOf<T>(url: string, sql: string): Promise<T | undefined> {
  return (await ask<{value: T}>(url, `select (${sql}) as value`))[0]?.value
}

const maintenance = (url: string): string => url.replace(/\/\w+$/, '/postgres')

describe('the embedded server', () => {
  it('is started by a command that needs it, outlives it, and keeps data and port over a stop', async () => {
    await withServerHome(async (env, home) => {
      const absent = await cli(['server:status'], {env})
      expect(absent.stdout).toContain('not created yet')
      expect(absent.stdout).toContain(home)
      expect(await cli(['server:stop'], {env})).toMatchObject({
        exitCode: 0,
        stdout: 'The embedded server is not running.',
      })

      const setup = await cli(['setup'], {env})
      expect(setup).toMatchObject({exitCode: 0})
      expect(setup.stderr).toMatch(/local: postgres@127\.0\.0\.1:\d+\/cruddur_db \(embedded server\)/)
      const status = json(await cli(['server:status', '--json'], {env})).result
      expect(status).toMatchObject({state: 'running', home, data: join(home, '18', 'data')})
      const url = String(status?.['url'])
      expect(await valueOf(url, 'select count(*)::int from users')).toBe(3)

      const {password, port} = new URL(url)
      const said = await cli(['server:start'], {env})
      expect(said).toMatchObject({
        exitCode: 0,
        stdout: `Running: postgres@127.0.0.1:${port}/cruddur_db, data in ${join(home, '18', 'data')}`,
        stderr: '',
      })
      expect(said.stdout).not.toContain(password)

      expect(await cli(['server:stop'], {env})).toMatchObject({exitCode: 0, stdout: 'Stopped the embedded server.'})
      expect(json(await cli(['server:status', '--json'], {env})).result).toMatchObject({
        state: 'stopped',
        url: null,
        port: status?.['port'],
      })
      const again = await cli(['server:start', '--url'], {env})
      expect(again).toMatchObject({exitCode: 0, stdout: url})
      expect(await valueOf(url, 'select count(*)::int from users')).toBe(3)
      expect(await cli(['server:start', '--url'], {env})).toMatchObject({exitCode: 0, stdout: url, stderr: ''})
    })
  })

  it('is started by a command that has its URL from a variable, and by no other URL', async () => {
    await withServerHome(async (env) => {
      const {stdout: url} = await cli(['server:start', '--url'], {env})
      await cli(['server:stop'], {env})
      const stopped = await cli(['create', 'staging'], {env: {...env, STAGING_CONNECTION_URL: url.replace('@', 'x@')}})
      expect(stopped).toMatchObject({exitCode: 4, stderr: expect.not.stringContaining('Starting') as string})
      const started = await cli(['create', 'staging'], {env: {...env, STAGING_CONNECTION_URL: url}})
      expect(started).toMatchObject({
        exitCode: 0,
        stdout: 'Created cruddur_db.',
        stderr: expect.stringContaining('Starting the embedded Postgres server.') as string,
      })
    })
  })

  it('has a database for each project, whose name stays wherever the folder is moved', async () => {
    await withServerHome(async (env, home) => {
      await mkdir(join(home, 'my app'))
      expect((await cli(['create'], {env, cwd: join(home, 'my app')})).stdout).toBe('Created my_app.')
      await rename(join(home, 'my app'), join(home, 'renamed'))
      expect((await cli(['create'], {env, cwd: join(home, 'renamed')})).stdout).toBe(
        'my_app already exists. Nothing was changed.',
      )
      expect((await cli(['target'], {env, cwd: join(home, 'renamed')})).stdout).toContain('/my_app')
    })
  })

  it('is told by target: each part, and the database before it runs', async () => {
    await withServerHome(async (env) => {
      expect((await cli(['target'], {env})).stdout).toContain('not running, database cruddur_db')
      expect((await cli(['target', 'LOCAL'], {env})).stdout).toBe(
        'The embedded server, database cruddur_db. It is not running. To start it: cruddur-db server:start',
      )
      expect(await cli(['target', '--show-password'], {env})).toMatchObject({
        exitCode: 5,
        stdout: '',
        stderr: expect.stringContaining('server:start') as string,
      })
      const {stdout: url} = await cli(['server:start', '--url'], {env})
      expect(await cli(['target', '--show-password'], {env})).toMatchObject({exitCode: 0, stdout: url})
      const {parts} = json(await cli(['target', 'Local', '--json'], {env})).result as {
        parts: {part: string; source: {kind: string}}[]
      }
      expect(parts.map(({part, source}) => `${part} ${source.kind}`)).toEqual([
        ...['host', 'port', 'user', 'password', 'dbname'].map((part) => `${part} embedded`),
        'sslmode default',
      ])
    })
  })

  it('is not taken for the database that DATABASE_URL names', async () => {
    await withServerHome(async (env) => {
      const other = {...env, DATABASE_URL: 'postgresql://u:secret@db.example.com/app'}
      const {stderr} = await cli(['create'], {env: other})
      expect(stderr).toContain(
        'DATABASE_URL is set but not used. To use that database as local: export CONNECTION_URL="$DATABASE_URL"',
      )
      expect(stderr).not.toContain('secret')
      expect(
        (await cli(['create'], {env: {...other, CONNECTION_URL: (await cli(['server:start', '--url'], {env})).stdout}}))
          .stderr,
      ).not.toContain('DATABASE_URL')
    })
  })

  it('lets no one in without its password, which only its owner can read, and listens on loopback alone', async () => {
    await withServerHome(async (env, home) => {
      const {stdout: url} = await cli(['server:start', '--url'], {env})
      const file = await stat(join(home, '18', 'password'))
      expect(file.mode & 0o777).toBe(0o600)
      expect(file.uid).toBe(process.getuid?.())
      const secret = await readFile(join(home, '18', 'password'), 'utf8')
      expect(url).toContain(secret)
      expect((await cli(['server:status'], {env})).stdout).not.toContain(secret)
      for (const wrong of [url.replace(secret, 'guess'), url.replace(`:${secret}@`, '@')]) {
        await expect(valueOf(maintenance(wrong), '1')).rejects.toThrow()
      }

      expect(
        await valueOf(
          maintenance(url),
          "current_setting('listen_addresses') || current_setting('unix_socket_directories')",
        ),
      ).toBe('127.0.0.1')
      expect(await valueOf(maintenance(url), "current_setting('wal_level')")).toBe('minimal')
      expect(
        await valueOf(maintenance(url), "select string_agg(distinct auth_method, ' ') from pg_hba_file_rules"),
      ).toBe('scram-sha-256')
    })
  })

  it('is started once when commands race for it', async () => {
    await withServerHome(async (env, home) => {
      const results = await Promise.all([1, 2, 3].map(() => cli(['server:start'], {env})))
      expect(results.map(({exitCode}) => exitCode)).toEqual([0, 0, 0])
      expect(new Set(results.map(({stdout}) => stdout)).size).toBe(1)
      expect((await readdir(home)).filter((name) => name.startsWith('18'))).toEqual(['18'])
    })
  })

  it('survives a crash, and a stale pid file whose number another program has got', async () => {
    await withServerHome(async (env, home) => {
      await cli(['setup'], {env})
      const pidFile = join(home, '18', 'data', 'postmaster.pid')
      const lines = (await readFile(pidFile, 'utf8')).split('\n')
      process.kill(Number(lines[0]), 'SIGKILL')
      const {stdout: url} = await cli(['server:start', '--url'], {env})
      expect(await valueOf(url, 'select count(*)::int from users')).toBe(3)

      await cli(['server:stop'], {env})
      const other = execa('sleep', ['600'], {reject: false, ...(await owner(join(home, '18', 'data')))})
      await writeFile(pidFile, [other.pid, ...lines.slice(1)].join('\n'))
      expect(json(await cli(['server:status', '--json'], {env})).result).toMatchObject({state: 'stopped'})
      expect(await cli(['server:start', '--url'], {env})).toMatchObject({exitCode: 0, stdout: url})
      other.kill()
      await other
    })
  })

  it('says that its port is taken, and moves to another one when told', async () => {
    await withServerHome(async (env) => {
      const {port} = json(await cli(['server:start', '--json'], {env})).result as {port: number}
      await cli(['server:stop'], {env})
      const squatter = createServer()
      await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve))
      const taken = await cli(['server:start'], {env})
      expect(taken).toMatchObject({exitCode: 5, stdout: ''})
      expect(taken.stderr).toContain(`Port ${port} of the embedded server is in use`)
      const moved = await cli(['server:start', '--port', String(port + 300)], {env})
      expect(moved).toMatchObject({exitCode: 0, stdout: expect.stringContaining(`:${port + 300}/`) as string})
      squatter.close()
      expect(await cli(['server:start', '--port', String(port)], {env})).toMatchObject({exitCode: 5})
      await cli(['server:stop'], {env})
      expect(await cli(['server:start'], {env})).toMatchObject({exitCode: 0, stdout: moved.stdout})
    })
  })

  it('says what to set on a platform without binaries', async () => {
    await withServerHome(async (env) => {
      const elsewhere = "data:text/javascript,Object.defineProperty(process,'arch',{value:'mips'})"
      const result = await cli(['setup'], {env: {...env, NODE_OPTIONS: `--import=${elsewhere}`}})
      expect(result).toMatchObject({exitCode: 3, stdout: ''})
      expect(result.stderr).toContain('Set CONNECTION_URL')
    })
  })

  it('does not start for any target that has a URL, or for another name than local', async () => {
    await withServerHome(async (env, home) => {
      await cli(['create', 'prod'], {env})
      await cli(['create'], {env: {...env, CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}})
      expect(await readdir(home)).toEqual([])
    })
  })

  it('leaves no half-made cluster when it is interrupted', async () => {
    await withServerHome(async (env, home) => {
      const child = start(['server:start'], {env})
      while (!(await readdir(home)).some((name) => name.startsWith('18.new-'))) await delay(5)
      child.kill('SIGINT')
      expect((await child).exitCode).toBe(130)
      expect((await readdir(home)).filter((name) => name.startsWith('18'))).toEqual([])
      expect(await cli(['server:start'], {env})).toMatchObject({exitCode: 0})
    })
  })
})

/** As root, the account that the server runs under: the one a pid of which Postgres would mistake for its own. */
async function owner(data: string): Promise<{uid: number; gid: number} | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const {uid, gid} = await stat(data)
  return {uid, gid}
}
