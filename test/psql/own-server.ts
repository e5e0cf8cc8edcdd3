import {chmod, chown, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {execa} from 'execa'
import {Client} from 'pg'
import {describeDatabase} from '../support/catalog.js'
import {freePort} from '../support/free-port.js'

/** A server of pg_dump's own version, which it can dump. */
export interface OwnServer {
  url(database: string): string
  run(sql: string): Promise<void>
  describe(database: string): Promise<string>
  stop(): Promise<void>
}

const nobody = 65534

/** Starts a throwaway server from the programs beside pg_dump; a machine without them cannot run these tests. */
export async function startOwnServer(): Promise<OwnServer> {
  const {stdout: bin} = await execa('pg_config', ['--bindir'])
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-db-psql-'))
  const isRoot = process.getuid?.() === 0
  // Postgres refuses to run as root.
  if (isRoot) {
    await chown(folder, nobody, nobody)
    await chmod(folder, 0o700)
  }
  const account = isRoot ? {uid: nobody, gid: nobody} : {}
  const data = join(folder, 'data')
  const port = await freePort()
  await execa(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    {...account, cwd: folder},
  )
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`
  await execa(join(bin, 'pg_ctl'), ['-D', data, '-o', settings, '-l', join(folder, 'log'), '-w', 'start'], {
    ...account,
    cwd: folder,
    stdio: 'ignore',
  })
  const url = (database: string): string => `postgresql://postgres@127.0.0.1:${port}/${database}?sslmode=disable`
  return {
    url,
    run: (sql) => withClient(url('postgres'), async (client) => void (await client.query(sql))),
    describe: (database) => withClient(url(database), describeDatabase),
    stop: async () => {
      await execa(join(bin, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'], {
        ...account,
        cwd: folder,
        stdio: 'ignore',
      })
      await rm(folder, {recursive: true, force: true})
    },
  }
}

async function withClient<T>(connectionString: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({connectionString})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
