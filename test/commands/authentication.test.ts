import {chmod, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {withTokens} from '../../src/lib/access/open-target.js'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {withLibpqVariables} from '../../src/lib/access/libpq-variables.js'
import {resolveTarget} from '../../src/lib/targets/target.js'
import {readVariables} from '../../src/lib/targets/variables.js'
import {secrets} from '../support/aws.js'
import {issue} from '../support/certificates.js'
import {cli, type CliResult, json} from '../support/cli.js'
import {urlOf} from '../support/databases.js'
import {tokenServer} from '../support/fake-postgres.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const {password, port} = new URL(urlOf('postgres'))
const CONNECTION_URL = `postgres://postgres@127.0.0.1:${port}/postgres`
const rds = 'db.abc123.eu-west-1.rds.amazonaws.com'
const aws = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: secrets.key,
}
const folder = temporaryFolder()

const sessions = (env: NodeJS.ProcessEnv): Promise<CliResult> =>
  cli(['sessions', '--json'], {env: {HOME: folder, ...env}, cwd: folder})
const codeOf = (result: CliResult): string | undefined => json(result).error?.code

describe('a password', () => {
  it('is asked for only where it is needed, and then all places are named', async () => {
    const result = await sessions({CONNECTION_URL})
    expect(result.exitCode).toBe(4)
    expect(json(result).error).toMatchObject({
      code: 'password_missing',
      message: 'The server asks for the password of "postgres", but none is set.',
    })
    expect(json(result).error?.next.join()).toMatch(/PGPASSWORD.*\.pgpass/)
  })

  it('comes from PGPASSWORD, in the shell or in .env', async () => {
    expect(codeOf(await sessions({CONNECTION_URL, PGPASSWORD: password}))).toBeUndefined()
    expect(codeOf(await sessions({CONNECTION_URL, PGPASSWORD: 'wrong'}))).toBe('28P01')
    await writeFile(join(folder, '.env'), `PGPASSWORD=${password}\n`)
    expect(codeOf(await sessions({CONNECTION_URL}))).toBeUndefined()
    await rm(join(folder, '.env'))
  })

  it('comes from a password file, if that is closed to others', async () => {
    const file = join(folder, '.pgpass')
    await writeFile(file, `other:*:*:*:x\n127.0.0.1:${port}:postgres:postgres:${password}\n`, {mode: 0o600})
    expect(codeOf(await sessions({CONNECTION_URL}))).toBeUndefined()
    expect(codeOf(await sessions({CONNECTION_URL, PGPASSFILE: '/nowhere'}))).toBe('password_missing')
    expect(codeOf(await sessions({CONNECTION_URL, HOME: '/nowhere', PGPASSFILE: file}))).toBeUndefined()
    await chmod(file, 0o640)
    const open = await sessions({CONNECTION_URL})
    expect(codeOf(open)).toBe('password_missing')
    expect(json(open).error?.next.join()).toContain(`chmod 600 ${file}`)
    await rm(file)
  })

  it('comes from a service, which the URL or PGSERVICE names', async () => {
    await writeFile(
      join(folder, '.pg_service.conf'),
      `[mine]\nhost=127.0.0.1\nport=${port}\nuser=postgres\npassword=${password}\ndbname=postgres\n`,
    )
    const result = await sessions({CONNECTION_URL: 'postgres://?service=mine', PGPORT: '1', PGUSER: 'nobody'})
    expect(json(result).target).toMatchObject({
      user: 'postgres',
      host: '127.0.0.1',
      port: Number(port),
      database: 'postgres',
    })
    expect(result.exitCode).toBe(0)
    expect(codeOf(await sessions({CONNECTION_URL: 'postgres:///postgres', PGSERVICE: 'mine'}))).toBeUndefined()
    const moved = {HOME: '/nowhere', PGSERVICEFILE: join(folder, '.pg_service.conf')}
    expect(codeOf(await sessions({CONNECTION_URL: 'postgres://?service=mine', ...moved}))).toBeUndefined()
    const missing = await sessions({CONNECTION_URL, PGSERVICE: 'yours'})
    expect(json(missing).error).toMatchObject({code: 'service_missing', exit_code: 3})
    await writeFile(join(folder, '.pg_service.conf'), `[mine]\npassword = ${password}\n`)
    const broken = await sessions({CONNECTION_URL: 'postgres://?service=mine'})
    expect(json(broken).error).toMatchObject({code: 'service_file_invalid', exit_code: 3})
    expect(broken.stdout + broken.stderr).not.toContain(password)
  })

  it('may not name its database by a variable', async () => {
    expect(codeOf(await sessions({CONNECTION_URL: 'postgres://', PGDATABASE: 'postgres', PGPASSWORD: password}))).toBe(
      'url_invalid',
    )
  })
})

describe('an IAM token', () => {
  const tokenPattern = new RegExp(
    `^${rds}:(\\d+)/\\?Action=connect&DBUser=ada&X-Amz-Algorithm=AWS4-HMAC-SHA256&.*Credential=AKIAIOSFODNN7EXAMPLE%2F\\d{8}%2Feu-west-1%2Frds-db%2F.*X-Amz-Expires=900`,
  )

  it('stands in for the password, over TLS that is verified, for the region of the host', async () => {
    const root = issue({name: 'Root', authority: true})
    const server = await tokenServer(issue({name: rds, hosts: [rds], issuer: root}))
    await writeFile(join(folder, 'root.crt'), root.cert)
    const PROD_CONNECTION_URL = `postgres://ada:unused@${rds}:${server.port}/d?hostaddr=127.0.0.1&sslrootcert=${folder}/root.crt`
    const variables = readVariables(
      {...aws, PROD_CONNECTION_URL, PROD_CONNECTION_AUTH: 'iam', AWS_REGION: 'us-east-1'},
      folder,
    )
    const target = resolveTarget('prod', variables)
    if (target === undefined) throw new Error('no target')
    Object.assign(process.env, aws)
    try {
      const {url} = withTokens(target, variables)
      for (let time = 0; time < 2; time += 1) await withClient(url, {}, (client) => client.query(''))
    } finally {
      for (const name of Object.keys(aws)) Reflect.deleteProperty(process.env, name)
    }

    expect(server.passwords[0]).toMatch(tokenPattern)
    // Signing is not repeated while a token is fresh.
    expect(server.passwords[1]).toBe(server.passwords[0])
    await server.close()
  })

  it('goes to psql in a file of its own, with the roots of RDS, and nothing stays behind', async () => {
    const PROD_CONNECTION_URL = `postgres://ada:unused@${rds}/d`
    const variables = readVariables({...aws, PROD_CONNECTION_URL, PROD_CONNECTION_AUTH: 'iam'}, folder)
    const target = resolveTarget('prod', variables)
    if (target === undefined) throw new Error('no target')
    Object.assign(process.env, aws)
    let tokens = ''
    try {
      await withLibpqVariables(withTokens(target, variables), 'test', async (given) => {
        tokens = given['PGPASSFILE'] ?? ''
        expect(given).toMatchObject({PGSSLMODE: 'verify-full', PGPASSWORD: undefined})
        expect(await readFile(given['PGSSLROOTCERT'] ?? '', 'utf8')).toContain('-----BEGIN CERTIFICATE-----')
        const [, token] = (await readFile(tokens, 'utf8')).split('5432:*:ada:')
        expect(token?.replaceAll('\\', '')).toMatch(tokenPattern)
        expect((await stat(tokens)).mode & 0o077).toBe(0)
      })
    } finally {
      for (const name of Object.keys(aws)) Reflect.deleteProperty(process.env, name)
    }

    await expect(readFile(tokens)).rejects.toMatchObject({code: 'ENOENT'})
  })

  it.each<[string, NodeJS.ProcessEnv, string, number]>([
    ['neither iam nor password', {CONNECTION_AUTH: 'imap'}, 'authentication_unknown', 3],
    [
      'without TLS',
      {CONNECTION_AUTH: 'iam', CONNECTION_URL: `postgres://u@${rds}/d?sslmode=prefer`},
      'iam_needs_tls',
      3,
    ],
    [
      'for a host whose TLS nothing says',
      {CONNECTION_AUTH: 'iam', CONNECTION_URL: 'postgres://u@db.example.com/d'},
      'iam_needs_tls',
      3,
    ],
  ])('%s is refused', async (_, env, code, exitCode) => {
    const result = await sessions({CONNECTION_URL, ...aws, ...env})
    expect(result.exitCode).toBe(exitCode)
    expect(codeOf(result)).toBe(code)
  })

  it('without credentials is exit 8', async () => {
    const root = issue({name: 'Root', authority: true})
    const server = await tokenServer(issue({name: rds, hosts: [rds], issuer: root}))
    await writeFile(join(folder, 'root.crt'), root.cert)
    const url = `postgres://ada@${rds}:${server.port}/d?hostaddr=127.0.0.1&sslrootcert=${folder}/root.crt`
    const none = {AWS_EC2_METADATA_DISABLED: 'true', CONNECTION_AUTH: 'iam', CONNECTION_URL: url}
    const result = await sessions(none)
    expect(result.exitCode).toBe(8)
    expect(codeOf(result)).toBe('aws_credentials_missing')
    await server.close()
  })
})
