import {chown, mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {vi} from 'vitest'
import type {Channel} from '../../src/lib/postgres/connect/channel.js'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {type Certificate, issue} from './certificates.js'
import {ask} from './databases.js'
import {type OwnServer, startOwnServer} from './own-server.js'

/** A real Postgres for one test, which sets its TLS and access rules. */
export interface TlsServer {
  /** A folder for certificates and other files. */
  folder: string
  root: Certificate
  port: number
  /** The same without what is of TLS. */
  own: OwnServer
  /** The URL of the superuser, with these parameters, for `host`, which is reached at 127.0.0.1 whatever it is. */
  url(parameters?: Record<string, string>, host?: string): string
  /** Makes the server use this certificate from now on. */
  present(certificate: Certificate): Promise<void>
  /** Makes it accept client certificates signed by `authority`. */
  trust(authority: Certificate): Promise<void>
  /** Adds these lines before the access rules (pg_hba.conf). */
  rules(...lines: string[]): Promise<void>
  /** Runs a statement as the superuser. */
  run(sql: string): Promise<unknown[]>
  close(): Promise<void>
}

/** How a connection came out: `TLS`, `plain`, or the code of the error. */
export async function outcome(url: string): Promise<string> {
  let channel: Channel | undefined
  try {
    await withClient(ConnectionUrl.parse(url, 'URL'), {onChannel: (opened) => (channel = opened)}, (client) =>
      client.query('select 1'),
    )
  } catch (error) {
    return (error as {code: string}).code
  }

  return channel?.tls === undefined ? 'plain' : 'TLS'
}

/** Starts one with TLS and a certificate for localhost and 127.0.0.1, signed by `root`. */
export async function startTlsServer(): Promise<TlsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-tls-'))
  const own = await startOwnServer()
  const {data, port} = own
  const {uid, gid} = await stat(data)
  const root = issue({name: 'Test Root', authority: true})
  const admin = own.url('postgres')
  const {password} = new URL(admin)
  const run = (sql: string): Promise<unknown[]> => ask(admin, sql)
  const put = async (name: string, text: string): Promise<void> => {
    await writeFile(join(data, name), text, {mode: 0o600})
    await chown(join(data, name), uid, gid)
  }
  const url = (parameters: Record<string, string> = {}, host = '127.0.0.1'): string => {
    const query = new URLSearchParams({...(host === '127.0.0.1' ? {} : {hostaddr: '127.0.0.1'}), ...parameters})
    return `postgres://postgres:${password}@${host}:${port}/postgres?${query.toString().replaceAll('+', '%20')}`
  }
  const loaded = async (): Promise<string> => JSON.stringify(await run('select pg_conf_load_time()'))
  /** The server reloads its files after a moment; a new session shows when it last did. */
  const reload = async (): Promise<void> => {
    const before = await loaded()
    await run('select pg_reload_conf()')
    await vi.waitUntil(async () => (await loaded()) !== before, {timeout: 30_000, interval: 10})
  }
  const server: TlsServer = {
    folder,
    root,
    port,
    own,
    url,
    run,
    async present({cert, key}) {
      await put('test.crt', cert)
      await put('test.key', key)
      await reload()
    },
    async trust(authority) {
      await put('clients.crt', authority.cert)
      await run("alter system set ssl_ca_file = 'clients.crt'")
      await reload()
    },
    async rules(...lines) {
      await put('pg_hba.conf', [...lines, 'host all all 127.0.0.1/32 scram-sha-256', ''].join('\n'))
      await reload()
    },
    async close() {
      await own.stop()
      await rm(folder, {recursive: true, force: true})
    },
  }
  await put('test.crt', root.cert)
  await put('test.key', root.key)
  await run("alter system set ssl_cert_file = 'test.crt'")
  await run("alter system set ssl_key_file = 'test.key'")
  await run('alter system set ssl = on')
  await server.present(issue({name: 'localhost', hosts: ['localhost', '127.0.0.1'], issuer: root}))
  await writeFile(join(folder, 'root.crt'), root.cert)
  return server
}
