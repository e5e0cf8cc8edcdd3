import {execa} from 'execa'
import {readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {delimiter, dirname, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, start} from '../support/cli.js'
import {query, uniqueName, urlAs} from '../support/databases.js'
import {fakePostgres} from '../support/fake-postgres.js'
import {copyCruddurSql} from '../support/sql-folder.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const secret = 'Tr0ub4dor-and-3'
const role = uniqueName('role')
const database = uniqueName('secret')
const commands = [
  ['create'],
  ['drop'],
  ['drop', '--force'],
  ['schema:load'],
  ['schema:load', '--file', 'bad.sql'],
  ['seed'],
  ['seed', '--file', 'nowhere.sql'],
  ['sessions'],
  ['setup'],
  ['undo'],
  ['undo', '--list'],
  ['protect'],
  ['unprotect'],
]
/** What a protected target is asked about first. */
const asking = ['drop --force', 'schema:load', 'seed', 'setup', 'undo', 'unprotect']
const folder = temporaryFolder()
const reachable = urlAs(role, database, secret)

beforeAll(async () => {
  await writeFile(join(folder, 'bad.sql'), 'create tabel t ();')
  await copyCruddurSql(folder)
  await query('postgres', `create role ${role} login createdb password '${secret}'`)
})
afterAll(async () => {
  await query('postgres', `drop database if exists "${database}" with (force)`)
  await query('postgres', `drop database if exists "${database}_undo" with (force)`)
  await query('postgres', `drop role ${role}`)
})

describe('the password', () => {
  it('is in no byte that any command prints on any failure, nor in a file that it leaves', async () => {
    const silent = await fakePostgres(undefined)
    const variants: Record<string, string> = {
      'works or fails in SQL': reachable,
      'is refused': reachable.replace(secret, `${secret}x`),
      'is on a closed port': `postgres://u:${secret}@127.0.0.1:1/d`,
      'is never answered': `postgres://u:${secret}@127.0.0.1:${silent.port}/d?connect_timeout=1`,
      'has no port': `postgres://u:${secret}@h:port/d`,
      'is not escaped': `postgres://u:#${secret}@h/d`,
      'is a bad parameter': `postgres://u@h/d?password=${secret}&sslmode=${secret}`,
      'needs TLS': `${reachable}?sslmode=require`,
      'has no certificate': `${reachable}?sslmode=verify-full&sslrootcert=${folder}/nowhere`,
    }
    const seen = async (what: string, url: string, lines: string[][]): Promise<void> => {
      const env = {CONNECTION_URL: url, PROD_CONNECTION_URL: url, DEBUG: '*', TMPDIR: folder}
      for (const {stdout, stderr} of await Promise.all(lines.map((args) => cli(args, {env, cwd: folder}))))
        expect(stdout + stderr, `${lines[0]?.join(' ')}: the URL ${what}`).not.toContain(secret)
    }
    for (const [what, url] of Object.entries(variants)) {
      if (url !== reachable) {
        await seen(what, url, [['setup'], ['sessions', '--json']])
        continue
      }
      for (const [command = '', ...flags] of commands) {
        const targets = asking.includes([command, ...flags].join(' ')) ? ['local', 'prod'] : ['local']
        const lines = targets.map((target) => [command, target, ...flags])
        await seen(what, url, [...lines, ...lines.map((line) => [...line, '--json'])])
      }
    }

    expect(await readdir(folder)).toEqual(['bad.sql', 'sql'])
    await silent.close()
  }, 180_000)

  it('is in no argument of any process while connect runs', async () => {
    const stub = join(folder, 'psql')
    await writeFile(stub, '#!/usr/bin/env node\nconsole.log(process.pid)\nsetTimeout(() => undefined, 60000)\n', {
      mode: 0o755,
    })
    const env = {PATH: [folder, dirname(process.execPath)].join(delimiter), CONNECTION_URL: reachable}
    const running = start(['connect'], {env})
    const [line] = (await new Promise<Buffer>((resolve) => running.stdout.once('data', resolve))).toString().split('\n')
    for (const pid of [running.pid, Number(line)]) {
      const shown =
        process.platform === 'linux'
          ? await readFile(`/proc/${pid}/cmdline`, 'utf8')
          : (await execa('ps', ['-o', 'args=', '-p', String(pid)])).stdout
      expect(shown).toContain(pid === running.pid ? 'connect' : 'psql')
      expect(shown).not.toContain(secret)
    }

    running.kill('SIGTERM')
    await running
    await rm(stub)
  })
})
