import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type TlsAttempt, tlsAttempts} from '../../../src/lib/postgres/connect/tls.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
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

  it('sslcertmode=disable sends no certificate', async () => {
    const missing = {sslcert: '/nowhere.crt', sslkey: '/nowhere.key'}
    expect(await outcome(server.url({sslmode: 'require', ...missing, sslcertmode: 'disable'}))).toBe('TLS')
    expect(await outcome(server.url({sslmode: 'require', ...missing}))).toBe('certificate_unreadable')
    expect(await outcome(server.url({sslmode: 'require', sslcertmode: 'require'}))).toBe('sslcertmode_invalid')
  })
})
