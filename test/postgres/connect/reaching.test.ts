import {chown, stat, writeFile} from 'node:fs/promises'
import {type AddressInfo, createServer, type Socket} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {ConnectionError} from '../../../src/lib/errors.js'
import {withClient} from '../../../src/lib/postgres/connect/client.js'
import {connectFailure} from '../../../src/lib/postgres/connect/failures.js'
import {openSocket, UnreachableError} from '../../../src/lib/postgres/connect/socket.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {type BlackHole, startBlackHole} from '../../support/black-hole.js'
import {urlOf} from '../../support/databases.js'
import {startProxy} from '../../support/proxy.js'
import {startTlsServer, type TlsServer} from '../../support/tls-server.js'

const never = new AbortController().signal
const main = new URL(urlOf('postgres'))
const urlAt = (hosts: string, query = ''): string => main.href.replace(main.host, hosts) + query

async function failure(url: string): Promise<ConnectionError> {
  try {
    await withClient(ConnectionUrl.parse(url, 'URL'), {}, (client) => client.query('select 1'))
  } catch (error) {
    if (error instanceof ConnectionError) return error
    throw error
  }

  throw new Error('it connected')
}

describe('a host with several addresses', () => {
  let hole: BlackHole
  beforeAll(async () => {
    hole = await startBlackHole('127.0.0.2')
  })
  afterAll(() => hole.close())

  const listen = async (host: string, port = 0): Promise<{port: number; close: () => void}> => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => void sockets.add(socket))
    await new Promise<void>((resolve) => server.listen(port, host, resolve))
    return {
      port: (server.address() as AddressInfo).port,
      close() {
        for (const socket of sockets) socket.destroy()
        server.close()
      },
    }
  }
  const open = (port: number, ...addresses: string[]): Promise<Socket> =>
    openSocket(
      {host: 'two.example.com', port},
      {
        signal: never,
        lookup: () => Promise.resolve(addresses.map((address) => ({address, family: address.includes(':') ? 6 : 4}))),
      },
    )

  it('is reached at the second, a moment later, while the first is dead', async () => {
    const alive = await listen('127.0.0.3', hole.port)
    const start = performance.now()
    const socket = await open(hole.port, '127.0.0.2', '127.0.0.3')
    expect(socket.remoteAddress).toBe('127.0.0.3')
    expect(performance.now() - start).toBeGreaterThan(200)
    expect(performance.now() - start).toBeLessThan(20_000)
    socket.destroy()
    alive.close()
  })

  it('is reached at the next at once where one refuses', async () => {
    const alive = await listen('127.0.0.3')
    // Were each given its head start all the same, it would be 25 seconds.
    const start = performance.now()
    const socket = await open(alive.port, ...Array.from({length: 100}, () => '127.0.0.4'), '127.0.0.3')
    expect(socket.remoteAddress).toBe('127.0.0.3')
    expect(performance.now() - start).toBeLessThan(20_000)
    socket.destroy()
    alive.close()
  })

  it('is reached over IPv4 where nothing is on IPv6', async () => {
    const alive = await listen('127.0.0.3')
    const socket = await open(alive.port, '::1', '127.0.0.3')
    expect(socket.remoteAddress).toBe('127.0.0.3')
    socket.destroy()
    alive.close()
  })

  it('fails with the code that says most', async () => {
    const codes = (...each: string[]): string =>
      new UnreachableError(
        [],
        each.map((code) => Object.assign(new Error(), {code})),
      ).code
    expect(codes('ENETUNREACH', 'ECONNREFUSED')).toBe('ECONNREFUSED')
    expect(codes('ENETUNREACH', 'EHOSTUNREACH')).toBe('ENETUNREACH')
    await expect(open(1, '127.0.0.3', '127.0.0.4')).rejects.toMatchObject({code: 'ECONNREFUSED'})
    await expect(open(1)).rejects.toMatchObject({code: 'ENOTFOUND'})
  })

  it('of IPv6 alone without a route is told as that', () => {
    const host = {host: 'six.example.com', port: 5432}
    const error = new UnreachableError(
      [{address: '2001:db8::1', family: 6}],
      [Object.assign(new Error(), {code: 'ENETUNREACH'})],
    )
    const told = connectFailure(error, {
      url: ConnectionUrl.parse('postgres://u@six.example.com/d', 'URL'),
      host,
      tls: false,
      wanted: 'any',
    })
    expect(told).toMatchObject({
      exitCode: 4,
      code: 'ENETUNREACH',
      message: 'six.example.com:5432 has only IPv6 addresses, and this machine cannot reach IPv6 addresses.',
    })
  })

  it('that answers nowhere is given up in time, and the security group is named', async () => {
    const error = await failure(urlAt(`127.0.0.2:${hole.port}`, '?connect_timeout=1'))
    expect(error).toMatchObject({code: 'connect_timeout', details: {phase: 'tcp', seconds: 1}})
    expect(error.next.join()).toContain('security group')
  })
})

describe('a connection that is cut or falls silent', () => {
  // Bytes that the server has sent: none, in the middle of authentication, right before it is ready.
  it.each([0, 1, 30, 200])('after %i bytes is told as that', async (after) => {
    const proxy = await startProxy(Number(main.port), {kind: 'cut', after})
    expect(await failure(urlAt(`127.0.0.1:${proxy.port}`))).toMatchObject({code: 'connection_closed', exitCode: 4})
    proxy.fault = {kind: 'silence', after}
    const silent = await failure(urlAt(`127.0.0.1:${proxy.port}`, '?connect_timeout=1'))
    expect(silent).toMatchObject({code: 'connect_timeout', details: {phase: 'startup'}})
    expect(silent.next.join()).not.toContain('security group')
    await proxy.close()
  })

  it('while TLS is agreed on', async () => {
    const proxy = await startProxy(Number(main.port), {kind: 'cut', after: 0})
    expect(await failure(urlAt(`127.0.0.1:${proxy.port}`, '?sslmode=require'))).toMatchObject({
      code: 'connection_closed',
    })
    proxy.fault = {kind: 'silence', after: 0}
    expect(await failure(urlAt(`127.0.0.1:${proxy.port}`, '?sslmode=require&connect_timeout=1'))).toMatchObject({
      details: {phase: 'tls'},
    })
    await proxy.close()
  })
})

describe('several hosts', () => {
  let standby: TlsServer
  let readOnly: TlsServer
  beforeAll(async () => {
    standby = await startTlsServer()
    readOnly = await startTlsServer()
    await readOnly.run('alter system set default_transaction_read_only = on')
    await readOnly.rules()
    await standby.own.kill()
    const {data} = standby.own
    await writeFile(join(data, 'standby.signal'), '')
    const {uid, gid} = await stat(data)
    await chown(join(data, 'standby.signal'), uid, gid)
    await standby.own.start()
  })
  afterAll(async () => {
    await standby.close()
    await readOnly.close()
  })

  /** Each server has a password of its own, as a password file may give them. */
  const connectTo = async (attributes: string, ...servers: (TlsServer | 'primary' | 'nobody')[]): Promise<string> => {
    const ports = new Map<number, string>([
      [Number(main.port), 'primary'],
      [standby.port, 'standby'],
      [readOnly.port, 'readOnly'],
      [1, 'nobody'],
    ])
    const portOf = (server: TlsServer | 'primary' | 'nobody'): number =>
      typeof server === 'object' ? server.port : server === 'primary' ? Number(main.port) : 1
    const hosts = servers.map((server) => `127.0.0.1:${portOf(server)}`).join(',')
    const passwords = new Map([
      [Number(main.port), decodeURIComponent(main.password)],
      ...[standby, readOnly].map((server) => [server.port, new URL(server.url()).password] as const),
    ])
    const url = ConnectionUrl.parse(`postgres://postgres@${hosts}/postgres?target_session_attrs=${attributes}`, 'URL')
    try {
      return await withClient(
        url.withPasswords(({port}) => passwords.get(port)),
        {},
        (client) => Promise.resolve(ports.get(client.port) ?? ''),
      )
    } catch (error) {
      return (error as {code: string}).code
    }
  }

  it.each<[string, string[]]>([
    ['any', ['standby', 'readOnly']],
    ['primary', ['primary', 'readOnly']],
    ['read-write', ['primary', 'session_unsuitable']],
    ['standby', ['standby', 'standby']],
    ['read-only', ['standby', 'readOnly']],
    ['prefer-standby', ['standby', 'standby']],
  ])('are taken by target_session_attrs=%s', async (attributes, expected) => {
    const results = [
      await connectTo(attributes, 'nobody', standby, 'primary', readOnly),
      await connectTo(attributes, readOnly, standby),
    ]
    expect(results).toEqual(expected)
  })

  it('are all gone through for prefer-standby, and an unknown kind is refused', async () => {
    expect(await connectTo('prefer-standby', 'nobody', 'primary', readOnly)).toBe('primary')
    expect(await connectTo('writer', 'primary')).toBe('target_session_attrs_invalid')
  })

  it('say each what was wrong, and one that refuses us ends the search', async () => {
    const error = await failure(urlAt(`127.0.0.1:1,127.0.0.4:1`))
    expect(error).toMatchObject({
      code: 'ECONNREFUSED',
      details: {
        hosts: [
          {host: '127.0.0.1', port: 1},
          {host: '127.0.0.4', port: 1},
        ],
      },
    })
    const wrong = await failure(`postgres://postgres:wrong@${main.host},127.0.0.1:1/postgres`)
    expect(wrong).toMatchObject({code: '28P01'})
  })
})
