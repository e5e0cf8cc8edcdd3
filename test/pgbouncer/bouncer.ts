import {execa} from 'execa'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Client} from 'pg'
import {vi} from 'vitest'
import {urlOf} from '../support/databases.js'
import {freePort} from '../support/free-port.js'

/** A pgbouncer in transaction mode before the server of this run. */
export interface Bouncer {
  /** Whether it knows prepared statements, as it does from 1.21. */
  prepares: boolean
  /** The URL of a database through it; `alias` is its own name for the database `aliased`. */
  url(database: string): string
  close(): Promise<void>
}

/** Starts one that lends `sessions` of the server for a database; a machine without pgbouncer cannot run these tests. */
export async function startBouncer({aliased, sessions}: {aliased: string; sessions: number}): Promise<Bouncer> {
  const {stdout} = await execa('pgbouncer', ['--version'])
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? []
  const prepares = Number(major) > 1 || Number(minor) >= 21
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-pgbouncer-'))
  const port = await freePort()
  const {hostname, port: serverPort, username, password} = new URL(urlOf('postgres'))
  const server = `host=${hostname} port=${serverPort} user=${username} password=${password}`
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    default_pool_size: sessions,
    query_wait_timeout: 20,
    ...(prepares ? {max_prepared_statements: 100} : {}),
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    ['[databases]', `alias = ${server} dbname=${aliased}`, `* = ${server}`, '[pgbouncer]', ...lines, ''].join('\n'),
    {mode: 0o600},
  )
  // pgbouncer refuses to run as root; it has read its settings when it changes to another account.
  const account = process.getuid?.() === 0 ? ['--user', 'nobody'] : []
  const running = execa('pgbouncer', ['--quiet', ...account, file], {reject: false})
  const url = (database: string): string => `postgresql://${username}:${password}@127.0.0.1:${port}/${database}`
  await vi.waitFor(() => answers(url('postgres')), {timeout: 20_000, interval: 20})
  return {
    prepares,
    url,
    async close() {
      running.kill('SIGTERM')
      await running
      await rm(folder, {recursive: true, force: true})
    },
  }
}

async function answers(connectionString: string): Promise<void> {
  const client = new Client({connectionString})
  await client.connect()
  await client.end()
}
