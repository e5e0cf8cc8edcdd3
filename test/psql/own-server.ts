import {execa} from 'execa'
import {describeDatabase} from '../support/catalog.js'
import {ask, connected} from '../support/databases.js'
import {type OwnServer, startOwnServer} from '../support/own-server.js'

/** A server of pg_dump's own version, which it can dump. */
export interface DumpedServer extends Pick<OwnServer, 'url' | 'stop'> {
  run(sql: string): Promise<void>
  describe(database: string): Promise<string>
}

/** Starts a throwaway server from the programs beside pg_dump; a machine without them cannot run these tests. */
export async function startDumpedServer(): Promise<DumpedServer> {
  const {stdout: bin} = await execa('pg_config', ['--bindir'])
  const server = await startOwnServer({programs: bin.replace(/\/bin$/, '')})
  return {
    url: (database) => server.url(database),
    run: async (sql) => void (await ask(server.url('postgres'), sql)),
    describe: (database) => connected(server.url(database), describeDatabase),
    stop: () => server.stop(),
  }
}
