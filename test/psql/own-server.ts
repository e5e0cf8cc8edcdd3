import {execa} from 'execa'
import {Client} from 'pg'
import {describeDatabase} from '../support/catalog.js'
import {type OwnServer, startOwnServer} from '../support/own-server.js'

/** A server of pg_dump's own version, which it can dump. */
export interface DumpedServer extends Pick<OwnServer, 'url' | 'stop'> {
  run(sql: string): Promise<void>
  describe(database: string): Promise<string>
}

/** Starts a throwaway server from the programs beside pg_dump; a machine without them cannot run these tests. */
export async function startDumpedServer(): Promise<DumpedServer> {
  const {stdout: bin} = await execa('pg_config', ['--bindir'])
  const server = await startOwnServer(bin.replace(/\/bin$/, ''))
  return {
    url: (database) => server.url(database),
    run: (sql) => withClient(server.url('postgres'), async (client) => void (await client.query(sql))),
    describe: (database) => withClient(server.url(database), describeDatabase),
    stop: () => server.stop(),
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
