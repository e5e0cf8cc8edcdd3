import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import {execa} from 'execa'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, program} from '../support/cli.js'

interface Call {
  args: string[]
  env: Record<string, string>
}

let folder: string
let path: string

/** A psql that writes down how it was called, then waits for Ctrl-C or ends with the code it is given. */
const stub = `#!/usr/bin/env node
const {writeFileSync} = require('node:fs')
const record = () => writeFileSync(__dirname + '/call.json', JSON.stringify({args: process.argv.slice(2), env: process.env}))
if (process.argv.includes('wait')) {
  process.on('SIGINT', () => process.exit(42))
  setTimeout(() => undefined, 60000)
  console.log('waiting')
} else process.exitCode = Number(process.argv.at(-1)) || 0
record()
`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cruddur-psql-'))
  await writeFile(join(folder, 'psql'), stub)
  await chmod(join(folder, 'psql'), 0o755)
  path = [folder, dirname(process.execPath)].join(delimiter)
})
afterAll(() => rm(folder, {recursive: true, force: true}))

const call = async (): Promise<Call> => JSON.parse(await readFile(join(folder, 'call.json'), 'utf8')) as Call

describe('connect', () => {
  it('gives psql the target in PG* variables, and everything after -- as it is', async () => {
    const env = {
      PATH: path,
      HOME: '/somewhere',
      LANG: 'C.UTF-8',
      PROD_CONNECTION_URL: 'postgres://ada:p%40ss@db.example.com:6000/my%20db?sslmode=require&connect_timeout=7',
      CONNECTION_URL: 'postgres://other:secret@h/d',
      PGHOSTADDR: '10.0.0.1',
      PGSERVICEFILE: '/elsewhere',
      AWS_SECRET_ACCESS_KEY: 'aws-secret',
    }
    const result = await cli(['connect', 'prod', '--', '-c', "select 'a b'", '--json', '--', '7'], {env})
    expect(result).toMatchObject({exitCode: 7, stdout: ''})
    expect(result.stderr).toBe('prod: ada@db.example.com:6000/my db (PROD_CONNECTION_URL)')
    const {args, env: given} = await call()
    expect(args).toEqual(['-c', "select 'a b'", '--json', '--', '7'])
    expect(given).toMatchObject({
      PGHOST: 'db.example.com', PGPORT: '6000', PGUSER: 'ada', PGPASSWORD: 'p@ss', PGDATABASE: 'my db',
      PGSSLMODE: 'require', PGCONNECT_TIMEOUT: '7', HOME: '/somewhere', LANG: 'C.UTF-8',
    })
    for (const name of ['PGHOSTADDR', 'PGSERVICEFILE', 'AWS_SECRET_ACCESS_KEY', 'CONNECTION_URL', 'PROD_CONNECTION_URL']) {
      expect(given).not.toHaveProperty(name)
    }
  })

  it('takes local without a name, with arguments for psql', async () => {
    const result = await cli(['connect', '--', '3'], {env: {PATH: path, CONNECTION_URL: 'postgres://u@h/d'}})
    expect(result.exitCode).toBe(3)
    expect((await call()).env).not.toHaveProperty('PGPASSWORD')
  })

  it('leaves Ctrl-C to psql', async () => {
    const env = {PATH: path, CONNECTION_URL: 'postgres://u@h/d'}
    const running = execa(process.execPath, [program, 'connect', '--', 'wait'], {env, extendEnv: false, reject: false, detached: true})
    await new Promise((resolve) => running.stdout.once('data', resolve))
    // A terminal's Ctrl-C goes to the whole foreground process group.
    process.kill(-(running.pid ?? NaN), 'SIGINT')
    expect(await running).toMatchObject({exitCode: 42, stdout: 'waiting'})
  })

  it('says how to install psql where there is none', async () => {
    const result = await cli(['connect'], {env: {PATH: dirname(program), CONNECTION_URL: 'postgres://u:secret@h/d'}})
    expect(result).toMatchObject({exitCode: 127, stdout: ''})
    expect(result.stderr).toContain('psql is not installed')
    expect(result.stderr).toContain('apt-get install postgresql-client')
  })
})
