import {readFileSync} from 'node:fs'
import {type AddressInfo, connect, createServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {connect as connectTls, createSecureContext, TLSSocket} from 'node:tls'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {withClient} from '../../../src/lib/postgres/connect/client.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {issue} from '../../support/certificates.js'
import {cli} from '../../support/cli.js'
import {startTlsServer, type TlsServer} from '../../support/tls-server.js'

let server: TlsServer
let middle: {port: number; close: () => void}

beforeAll(async () => {
  server = await startTlsServer()
  await server.run("set password_encryption = 'md5'; create role old login password 'x'")
  await server.run('create role trusted login')
  await server.rules('hostssl all trusted 127.0.0.1/32 trust', 'host all old 127.0.0.1/32 md5')
  middle = await startMiddle(server.port)
})
afterAll(async () => {
  middle.close()
  await server.close()
})

/** Someone in the middle: TLS with a certificate of his own on one side, with the server on the other. */
async function startMiddle(target: number): Promise<{port: number; close: () => void}> {
  const {cert, key} = issue({name: 'middle', hosts: ['127.0.0.1']})
  const secureContext = createSecureContext({cert, key})
  const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
  const sockets = new Set<Socket>()
  const keep = <T extends Socket>(socket: T): T => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    return socket
  }
  const listener = createServer((plain) => {
    keep(plain).once('data', () => {
      const upstream = keep(connect(target, '127.0.0.1'))
      upstream.write(sslRequest)
      upstream.once('data', () => {
        const there = keep(connectTls({socket: upstream, rejectUnauthorized: false}))
        plain.write('S')
        const here = keep(new TLSSocket(plain, {isServer: true, secureContext}))
        here.pipe(there).pipe(here)
      })
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    port: (listener.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy()
      listener.close()
    },
  }
}

/** `in`, or the code of the error. */
async function outcome(url: string): Promise<string> {
  return withClient(ConnectionUrl.parse(url, 'URL'), {}, (client) => client.query('select 1')).then(
    () => 'in',
    (error: unknown) => (error as {code: string}).code,
  )
}

const as = (user: string, parameters: Record<string, string>): string =>
  Object.assign(new URL(server.url(parameters)), {username: user, password: 'x'}).href
const outcomes = async (url: (parameters: Record<string, string>) => string, sslmode = 'require'): Promise<string[]> =>
  Promise.all(['disable', 'prefer', 'require'].map((mode) => outcome(url({sslmode, channel_binding: mode}))))

describe('channel_binding', () => {
  it('lets everyone in over TLS who proves a scram password', async () => {
    expect(await outcomes((parameters) => server.url(parameters))).toEqual(['in', 'in', 'in'])
    expect(await outcome(server.url({sslmode: 'require'}))).toBe('in')
    const sslrootcert = join(server.folder, 'root.crt')
    expect(readFileSync(sslrootcert, 'utf8')).toContain('BEGIN CERTIFICATE')
    expect(await outcome(server.url({sslmode: 'verify-full', sslrootcert, channel_binding: 'require'}))).toBe('in')
  })

  it('keeps someone in the middle from passing the proof on, unless it is disabled', async () => {
    const url = (parameters: Record<string, string>): string =>
      Object.assign(new URL(server.url(parameters)), {port: middle.port}).href
    const [disabled, preferred, required] = await outcomes(url)
    expect(disabled).toBe('in')
    expect(preferred).not.toBe('in')
    expect(required).not.toBe('in')
    expect(await outcome(url({sslmode: 'require'}))).not.toBe('in')
  })

  it('required, lets no one in by less: plain, md5, without a password', async () => {
    expect(await outcomes((parameters) => server.url(parameters), 'disable')).toEqual([
      'in',
      'in',
      'channel_binding_missing',
    ])
    expect(await outcomes((parameters) => as('old', parameters))).toEqual(['in', 'in', 'channel_binding_missing'])
    expect(await outcomes((parameters) => as('trusted', parameters))).toEqual(['in', 'in', 'channel_binding_missing'])
  })

  it('required, tries TLS on loopback too, where nothing else is said', async () => {
    expect(await outcome(server.url({channel_binding: 'require'}))).toBe('in')
  })

  it('is told in a sentence: what is missing, and what it cannot be', async () => {
    const missing = await cli(['sessions'], {
      env: {CONNECTION_URL: server.url({sslmode: 'disable'}), PGCHANNELBINDING: 'require'},
    })
    expect(missing).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('channel_binding=require and there is no TLS') as string,
    })
    const invalid = await cli(['sessions'], {env: {CONNECTION_URL: server.url({channel_binding: 'always'})}})
    expect(invalid).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('Use disable, prefer or require') as string,
    })
  })
})
