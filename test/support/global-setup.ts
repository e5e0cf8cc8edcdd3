import {chmodSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {TestProject} from 'vitest/node'
import {startServer, stopServer} from '../../src/lib/server/embedded-server.js'
import {connected} from './databases.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's URL of the server for this run, with the password; its database does not exist. */
    serverUrl: string
    /** The home of that server, for commands that use the embedded server beside another. */
    serverHome: string
  }
}

/** The tests kill processes, not the machine: waiting for the disk would be half of their time. */
async function trustTheDisk(url: string): Promise<void> {
  await connected(url, async (client) => {
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
      await client.query(`alter system set ${setting} = off`)
    await client.query('select pg_reload_conf()')
  })
}

/** Starts one real Postgres in a temporary folder for the whole run; if it does not start, the run fails. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), 'cruddur-db-test-'))
  // For root, the server runs under another account, which must be able to read its data.
  chmodSync(home, 0o755)
  const {url} = await startServer({home, progress: () => undefined})
  await trustTheDisk(url.withDatabase('postgres').toStringWithPassword())
  project.provide('serverUrl', url.toStringWithPassword())
  project.provide('serverHome', home)
  return async () => {
    await stopServer(home)
    rmSync(home, {recursive: true, force: true})
  }
}
