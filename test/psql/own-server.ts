import {describeDatabase} from '../support/catalog.js'
import {ask, connected} from '../support/databases.js'
import {type OwnServer, startOwnServer} from '../support/own-server.js'
import {programs} from './programs.js'

/** A server of pg_dump's own version, which it can dump. */
export interface DumpedServer extends Pick<OwnServer, 'url' | 'stop'> {
  run(sql: string): Promise<void>
  describe(database: string): Promise<string>
}

/** Starts a throwaway server from the programs beside pg_dump; a machine without them cannot run these tests. */
export async function startDumpedServer(): Promise<DumpedServer> {
  const server = await startOwnServer({programs})
  return {
    url: (database) => server.url(database),
    run: async (sql) => void (await ask(server.url('postgres'), sql)),
    describe: (database) => connected(server.url(database), describeDatabase),
    stop: () => server.stop(),
  }
}
