import {writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {secrets} from '../support/aws.js'
import {cli, type CliResult, json} from '../support/cli.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const secret = 'correct-horse-battery'
const rds = 'db.abc123.eu-west-1.rds.amazonaws.com'
const folder = temporaryFolder()

beforeAll(async () => {
  await writeFile(join(folder, '.env'), `PROD_CONNECTION_URL=postgres://far:${secret}@far/d\nPGUSER=carl\n`)
  await writeFile(join(folder, '.pgpass'), `*:*:*:*:${secret}\n`, {mode: 0o600})
  await writeFile(join(folder, '.pg_service.conf'), '[mine]\nhost=db.example.com\nport=6000\ndbname=app\n')
})

const run = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  cli(['target', ...args], {cwd: folder, env: {HOME: folder, CRUDDUR_DB_HOME: folder, ...env}})

describe('target', () => {
  it('is what stands on the command line, never what is piped in', async () => {
    const env = {HOME: folder, CRUDDUR_DB_HOME: folder, CONNECTION_URL: 'postgres://near@127.0.0.1:1/d'}
    const piped = (args: string[]): Promise<CliResult> => cli(args, {cwd: folder, env, input: 'prod\n'})
    expect((await piped(['drop', '--force'])).stderr).toMatch(/^local: near@127\.0\.0\.1:1\/d /)
    expect(json(await piped(['sessions', '--json'])).target).toMatchObject({name: 'local'})
  })

  it('says where each part came from, and what was passed over, without the password', async () => {
    const env = {
      PROD_CONNECTION_URL: 'postgres:///app?service=mine&sslmode=require',
      PGHOST: 'other',
      PGSSLMODE: 'disable',
      PGAPPNAME: 'x',
    }
    const result = await run(['prod', '--json'], env)
    const file = join(folder, '.pg_service.conf')
    const service = {kind: 'service', service: 'mine', path: file}
    expect(json(result).result).toEqual({
      name: 'prod',
      database: 'app',
      url: 'postgresql://carl@db.example.com:6000/app?sslmode=require&application_name=x',
      origin: {kind: 'variable', variable: 'PROD_CONNECTION_URL'},
      shadowed: [{variable: 'PROD_CONNECTION_URL', path: join(folder, '.env')}],
      parts: [
        {part: 'host', value: 'db.example.com', source: service, shadowed: [{variable: 'PGHOST'}]},
        {part: 'port', value: '6000', source: service, shadowed: []},
        {
          part: 'user',
          value: 'carl',
          source: {kind: 'variable', variable: 'PGUSER', path: join(folder, '.env')},
          shadowed: [],
        },
        {part: 'password', value: '***', source: {kind: 'password_file', path: join(folder, '.pgpass')}, shadowed: []},
        {part: 'dbname', value: 'app', source: {kind: 'url'}, shadowed: []},
        {part: 'sslmode', value: 'require', source: {kind: 'url'}, shadowed: [{variable: 'PGSSLMODE'}]},
        {part: 'application_name', value: 'x', source: {kind: 'variable', variable: 'PGAPPNAME'}, shadowed: []},
      ],
    })
    const human = await run(['prod'], env)
    expect(human.stdout).toMatch(/host +db\.example\.com +service mine in .*\.pg_service\.conf +PGHOST/)
    expect(human.stdout + human.stderr + result.stdout).not.toContain(secret)
  })

  it('prints nothing but the whole URL with --show-password, wherever the password is from', async () => {
    const plain = await run(['prod', '--show-password'])
    expect(plain).toEqual({exitCode: 0, stdout: `postgresql://far:${secret}@far:5432/d`, stderr: ''})
    const fromFile = await run(['prod', '--show-password'], {PROD_CONNECTION_URL: 'postgres://ada@h/d'})
    expect(fromFile.stdout).toBe(`postgresql://ada:${secret}@h:5432/d`)
    const aws = {AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: secrets.key}
    const env = {...aws, PROD_CONNECTION_URL: `postgres://ada@${rds}/d`, PROD_CONNECTION_AUTH: 'iam'}
    const token = await run(['prod', '--show-password'], env)
    expect(new URL(token.stdout).password).toContain('DBUser%3Dada')
    expect((await run(['prod'], env)).stdout).toMatch(
      /password +a token +IAM, new for each connection[^]*sslmode +verify-full +default/,
    )
  })

  it('lists all targets without a name, those that cannot be read too, and starts nothing', async () => {
    const env = {STAGING_CONNECTION_URL: secret}
    const result = json(await run(['--json'], env)).result
    expect(result).toEqual({
      targets: [
        {
          name: 'local',
          url: null,
          database: basename(folder).toLowerCase().replaceAll('-', '_'),
          origin: {kind: 'embedded'},
        },
        {
          name: 'prod',
          url: 'postgresql://far:***@far:5432/d',
          database: 'd',
          origin: {kind: 'variable', variable: 'PROD_CONNECTION_URL', path: join(folder, '.env')},
        },
        {name: 'staging', url: null, problem: 'STAGING_CONNECTION_URL is not a URL.'},
      ],
    })
    const human = await run([], env)
    expect(human.stdout).toContain('local')
    expect(human.stdout + human.stderr).not.toContain(secret)
  })

  it('that is not set is exit 3', async () => {
    expect(await run(['nowhere'])).toMatchObject({exitCode: 3, stdout: ''})
  })
})
