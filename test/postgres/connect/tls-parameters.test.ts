import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type TlsAttempt, tlsAttempts} from '../../../src/lib/postgres/connect/tls.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {issue, revoke} from '../../support/certificates.js'
import {cli, json} from '../../support/cli.js'
import {outcome, startTlsServer, type TlsServer} from '../../support/tls-server.js'

let server: TlsServer
let sslrootcert: string

beforeAll(async () => {
  server = await startTlsServer()
  sslrootcert = join(server.folder, 'root.crt')
})
afterAll(() => server.close())

describe('parameters of TLS', () => {
  const attemptOf = async (parameters: Record<string, string>): Promise<TlsAttempt | undefined> =>
    (await tlsAttempts(ConnectionUrl.parse(server.url({sslmode: 'require', ...parameters}), 'URL'), 'localhost'))[0]

  it('sslsni=0 hides the name, which is verified all the same', async () => {
    expect(await attemptOf({sslsni: '0'})).toMatchObject({withoutName: true})
    expect(await attemptOf({sslsni: '1'})).not.toHaveProperty('withoutName')
    const hidden = {sslrootcert, sslmode: 'verify-full', sslsni: '0'}
    expect(await outcome(server.url(hidden, 'localhost'))).toBe('TLS')
    expect(await outcome(server.url(hidden, 'db.example.com'))).toBe('tls_wrong_host')
  })

  it('ssl_min_protocol_version and ssl_max_protocol_version bound the version', async () => {
    expect(await attemptOf({ssl_min_protocol_version: 'tlsv1.3', ssl_max_protocol_version: 'TLSv1.3'})).toMatchObject({
      options: {minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3'},
    })
    expect(await outcome(server.url({sslmode: 'require', ssl_min_protocol_version: 'TLSv1.3'}))).toBe('TLS')
    expect(await outcome(server.url({sslmode: 'require', ssl_min_protocol_version: 'TLSv9'}))).toBe(
      'ssl_protocol_version_invalid',
    )
  })

  it('sslcrl refuses a certificate that its authority has revoked, also from ~/.postgresql/root.crl', async () => {
    const certificate = issue({name: 'localhost', hosts: ['127.0.0.1'], issuer: server.root})
    const home = join(server.folder, 'home', '.postgresql')
    await mkdir(home, {recursive: true})
    const sslcrl = join(home, 'root.crl')
    const ask = async (parameters: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<string> => {
      const result = await cli(['wait', '--timeout', '1', '--json'], {
        env: {CONNECTION_URL: server.url({sslrootcert, sslmode: 'verify-full', ...parameters}), ...env},
      })
      return json(result).error?.code ?? 'in'
    }
    await server.present(certificate)
    await writeFile(sslcrl, revoke(server.root))
    expect(await ask({sslcrl})).toBe('in')
    await writeFile(sslcrl, revoke(server.root, certificate))
    expect(await ask({})).toBe('in')
    expect(await ask({sslcrl})).toBe('tls_certificate_revoked')
    expect(await ask({}, {PGSSLCRL: sslcrl})).toBe('tls_certificate_revoked')
    expect(await ask({}, {HOME: join(server.folder, 'home')})).toBe('tls_certificate_revoked')
    await writeFile(sslcrl, revoke(issue({name: 'Other', authority: true})))
    expect(await ask({sslcrl})).toBe('tls_revocation_unknown')
    expect(await ask({sslcrl: '/nowhere.crl'})).toBe('certificate_unreadable')
    expect(await ask({sslcrl: sslrootcert})).toBe('certificate_unusable')
  })

  it('sslcertmode=disable sends no certificate', async () => {
    const missing = {sslcert: '/nowhere.crt', sslkey: '/nowhere.key'}
    expect(await outcome(server.url({sslmode: 'require', ...missing, sslcertmode: 'disable'}))).toBe('TLS')
    expect(await outcome(server.url({sslmode: 'require', ...missing}))).toBe('certificate_unreadable')
    expect(await outcome(server.url({sslmode: 'require', sslcertmode: 'require'}))).toBe('parameter_unsupported')
  })
})
