import {chmod, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {Db} from '../../../src/lib/app/db.js'
import {rdsRoots, tlsAttempts} from '../../../src/lib/postgres/connect/tls.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {issue} from '../../support/certificates.js'
import {cli, json} from '../../support/cli.js'
import {urlOf} from '../../support/databases.js'
import {startProxy} from '../../support/proxy.js'
import {outcome, startTlsServer, type TlsServer} from '../../support/tls-server.js'

const rds = 'db.abc123.eu-west-1.rds.amazonaws.com'
const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
let server: TlsServer
let sslrootcert: string

beforeAll(async () => {
  server = await startTlsServer()
  sslrootcert = join(server.folder, 'root.crt')
})
afterAll(() => server.close())

const outcomes = async (parameters: Record<string, string>, host?: string): Promise<Record<string, string>> => {
  const results: Record<string, string> = {}
  for (const sslmode of modes) results[sslmode] = await outcome(server.url({...parameters, sslmode}, host))
  return results
}

describe('a pool', () => {
  it('reads certificates where it makes a connection, and not for one that it has', async () => {
    const roots = join(server.folder, 'for-a-while.crt')
    await writeFile(roots, server.root.cert)
    const db = new Db(server.url({sslmode: 'verify-full', sslrootcert: roots}), {max: 2})
    const encrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
    expect(await db.value(encrypted)).toBe(true)
    await rm(roots)
    expect(await db.value(encrypted)).toBe(true)
    const another = db.transaction(() => db.value('select 1'))
    await expect(another).rejects.toMatchObject({code: 'certificate_unreadable'})
    await db.close()
  })
})

describe('sslmode', () => {
  it('means what it means to libpq at a server with a certificate that verifies', async () => {
    expect(await outcomes({sslrootcert})).toEqual({
      disable: 'plain',
      allow: 'plain',
      prefer: 'TLS',
      require: 'TLS',
      'verify-ca': 'TLS',
      'verify-full': 'TLS',
    })
    expect(await outcome(server.url({sslrootcert, sslmode: 'verify-full'}, 'localhost'))).toBe('TLS')
  })

  it('needs roots to verify against, and takes none by itself', async () => {
    const missing = 'root_certificate_missing'
    expect(await outcomes({})).toEqual({
      disable: 'plain',
      allow: 'plain',
      prefer: 'TLS',
      require: 'TLS',
      'verify-ca': missing,
      'verify-full': missing,
    })
  })

  it('checks the host in verify-full alone', async () => {
    const host = 'db.example.com'
    const expected = {
      disable: 'plain',
      allow: 'plain',
      prefer: 'TLS',
      require: 'TLS',
      'verify-ca': 'TLS',
      'verify-full': 'tls_wrong_host',
    }
    expect(await outcomes({sslrootcert}, host)).toEqual(expected)
  })

  it('is plain on loopback and prefer elsewhere where nothing is said', async () => {
    expect(await outcome(server.url())).toBe('plain')
    expect(await outcome(server.url({}, 'db.example.com'))).toBe('TLS')
  })

  it('at a server without TLS falls back or says that there is none', async () => {
    const without = (sslmode: string): Promise<string> =>
      outcome(`${urlOf('postgres')}?sslmode=${sslmode}&sslrootcert=${encodeURIComponent(sslrootcert)}`)
    const refused = 'tls_not_offered'
    const results = Object.fromEntries(
      await Promise.all(modes.map(async (mode) => [mode, await without(mode)] as const)),
    )
    expect(results).toEqual({
      disable: 'plain',
      allow: 'plain',
      prefer: 'plain',
      require: refused,
      'verify-ca': refused,
      'verify-full': refused,
    })
  })

  it('at a server that insists on TLS, or on none, finds the way in where it may', async () => {
    await server.run("create role tls_only login password 'x'")
    await server.run("create role plain_only login password 'x'")
    await server.rules('hostnossl all tls_only 127.0.0.1/32 reject', 'hostssl all plain_only 127.0.0.1/32 reject')
    const as = (user: string, sslmode: string): Promise<string> => {
      const url = new URL(server.url({sslmode}))
      return outcome(Object.assign(url, {username: user, password: 'x'}).href)
    }
    const results = async (user: string): Promise<string[]> =>
      Promise.all(['disable', 'allow', 'prefer', 'require'].map((mode) => as(user, mode)))
    expect(await results('tls_only')).toEqual(['28000', 'TLS', 'TLS', 'TLS'])
    expect(await results('plain_only')).toEqual(['plain', 'plain', 'plain', '28000'])
    const url = new URL(server.url())
    const refused = await cli(['sessions'], {
      env: {CONNECTION_URL: Object.assign(url, {username: 'tls_only', password: 'x'}).href},
    })
    expect(refused).toMatchObject({exitCode: 4, stderr: expect.stringContaining('add ?sslmode=require') as string})
  })

  it('refuses what libpq refuses', async () => {
    expect(await outcome(server.url({sslmode: 'require', sslrootcert: 'system'}))).toBe('sslmode_invalid')
    expect(await outcome(server.url({sslrootcert: 'system'}))).toBe('tls_unknown_root')
    expect(await outcome(server.url({sslmode: 'verified'}))).toBe('sslmode_invalid')
    expect(await outcome(server.url({sslmode: 'verify-ca', sslrootcert: '/nowhere'}))).toBe('certificate_unreadable')
    await writeFile(join(server.folder, 'empty.crt'), 'nothing')
    expect(await outcome(server.url({sslmode: 'verify-ca', sslrootcert: join(server.folder, 'empty.crt')}))).toBe(
      'certificate_unusable',
    )
  })
})

describe('a certificate that does not verify', () => {
  const yesterday = new Date(Date.now() - 86_400_000)
  const hosts = ['127.0.0.1']
  it.each([
    [
      'expired',
      () => issue({name: 'old', hosts, issuer: server.root, from: new Date(0), to: yesterday}),
      'tls_certificate_expired',
      'has expired',
    ],
    [
      'not valid yet',
      () => issue({name: 'new', hosts, issuer: server.root, from: new Date(Date.now() + 86_400_000)}),
      'tls_certificate_not_yet_valid',
      'clock',
    ],
    ['self-signed', () => issue({name: 'self', hosts}), 'tls_self_signed', 'sslrootcert=<file>'],
    [
      'of an unknown root',
      () => issue({name: 'x', hosts, issuer: issue({name: 'Other Root', authority: true})}),
      'tls_unknown_root',
      'sslrootcert=<file>',
    ],
    [
      'for another host',
      () => issue({name: 'x', hosts: ['db.example.com'], issuer: server.root}),
      'tls_wrong_host',
      'is for another host, db.example.com',
    ],
  ])('%s is exit 4 with what failed and the mend', async (_, certificate, code, says) => {
    await server.present(certificate())
    const PROD_CONNECTION_URL = server.url({sslmode: 'verify-full', sslrootcert})
    const machine = await cli(['sessions', 'prod', '--json'], {env: {PROD_CONNECTION_URL}})
    expect(machine.exitCode).toBe(4)
    const {error} = json(machine)
    expect(error).toMatchObject({code, details: {sslmode: 'verify-full', host: '127.0.0.1'}})
    expect([error?.message, ...(error?.next ?? [])].join('\n')).toContain(says)
    expect(await outcome(server.url({sslmode: 'require'}))).toBe('TLS')
  })

  it('comes after one that does: the server is as it was', async () => {
    await server.present(issue({name: 'localhost', hosts, issuer: server.root}))
    expect(await outcome(server.url({sslmode: 'verify-full', sslrootcert}))).toBe('TLS')
  })
})

describe('a connection that breaks off in the middle of TLS', () => {
  // After the server's word that it has TLS, within its greeting, within what is encrypted.
  it.each([1, 100, 1000])('after %i bytes is told as that, and one that falls silent as that', async (after) => {
    const proxy = await startProxy(server.port, {kind: 'cut', after})
    const url = (parameters: Record<string, string> = {}): string =>
      Object.assign(new URL(server.url({sslmode: 'require', ...parameters})), {port: proxy.port}).href
    expect(await outcome(url())).toBe('connection_closed')
    proxy.fault = {kind: 'silence', after}
    expect(await outcome(url({connect_timeout: '1'}))).toBe('connect_timeout')
    await proxy.close()
  })
})

describe('an RDS host', () => {
  it("is verified against Amazon's roots unless an sslmode is given", async () => {
    const [attempt, ...others] = await tlsAttempts(ConnectionUrl.parse(`postgres://u@${rds}/d`, 'URL'), rds)
    expect(others).toEqual([])
    expect(attempt).toEqual({orPlain: false, options: {minVersion: 'TLSv1.2', ca: await rdsRoots()}})
    expect(await outcome(server.url({}, rds))).toBe('tls_unknown_root')
    expect(await outcome(server.url({sslmode: 'require'}, rds))).toBe('TLS')
  })

  it('takes other roots where they are given', async () => {
    await server.present(issue({name: rds, hosts: [rds, '127.0.0.1'], issuer: server.root}))
    expect(await outcome(server.url({sslrootcert}, rds))).toBe('TLS')
  })

  it('that refuses an IAM token is exit 4 with what AWS wants', async () => {
    const aws = {AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'fake'}
    const env = {...aws, PROD_CONNECTION_URL: server.url({sslrootcert}, rds), PROD_CONNECTION_AUTH: 'iam', DEBUG: '*'}
    const refused = await cli(['sessions', 'prod', '--json'], {env})
    expect(refused.exitCode).toBe(4)
    expect(json(refused).error).toMatchObject({
      code: '28P01',
      message: 'The server refused the IAM token of "postgres".',
    })
    expect(json(refused).error?.next.join()).toMatch(/grant rds_iam.*rds-db:connect.*clock/)
    expect(refused.stdout + refused.stderr).not.toContain('X-Amz')
  })
})

describe('a client certificate', () => {
  it('lets its owner in without a password, and its key has to be closed to others', async () => {
    await server.run('create role carla login')
    await server.trust(server.root)
    await server.rules('hostssl all carla 127.0.0.1/32 cert')
    const {cert, key} = issue({name: 'carla', issuer: server.root})
    const [sslcert, sslkey] = [join(server.folder, 'carla.crt'), join(server.folder, 'carla.key')]
    await writeFile(sslcert, cert)
    await writeFile(sslkey, key, {mode: 0o600})
    const as = (parameters: Record<string, string>): string =>
      Object.assign(new URL(server.url({sslmode: 'verify-full', sslrootcert, ...parameters})), {
        username: 'carla',
        password: '',
      }).href
    expect(await outcome(as({sslcert, sslkey}))).toBe('TLS')
    expect(await outcome(as({}))).toBe('28000')
    const CONNECTION_URL = as({})
    const env = {CONNECTION_URL, PGSSLCERT: sslcert, PGSSLKEY: sslkey}
    expect(await cli(['sessions'], {env})).toMatchObject({exitCode: 0})
    await writeFile(join(server.folder, 'other.key'), issue({name: 'x'}).key, {mode: 0o600})
    expect(await outcome(as({sslcert, sslkey: join(server.folder, 'other.key')}))).toBe('certificate_unusable')
    await chmod(sslkey, 0o644)
    expect(await outcome(as({sslcert, sslkey}))).toBe('key_open_to_others')
  })
})

describe('PGSSL* variables', () => {
  it("count where the URL says nothing, and libpq's own files after them", async () => {
    const env = {CONNECTION_URL: server.url(), PGSSLMODE: 'verify-full'}
    expect(json(await cli(['sessions', '--json'], {env: {...env, HOME: server.folder}})).error).toMatchObject({
      code: 'root_certificate_missing',
    })
    expect(await cli(['sessions'], {env: {...env, PGSSLROOTCERT: sslrootcert}})).toMatchObject({exitCode: 0})
    const {error} = json(
      await cli(['sessions', '--json'], {
        env: {CONNECTION_URL: server.url({sslmode: 'nonsense'}), PGSSLMODE: 'disable'},
      }),
    )
    expect(error).toMatchObject({code: 'sslmode_invalid', exit_code: 3})
  })
})
