import {chmodSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {TestProject} from 'vitest/node'
import {startServer, stopServer} from '../../src/lib/server/embedded-server.js'
import {connected} from './databases.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of a server for this run, superuser and password included; its database does not exist. */
    serverUrl: string
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

/** Starts one real Postgres for the whole run, in a folder of its own; a server that does not start fails the run. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), 'cruddur-db-test-'))
  // As root the server runs under another account, which has to reach its data.
  chmodSync(home, 0o755)
  const {url} = await startServer({home, progress: () => undefined})
  await trustTheDisk(url.withDatabase('postgres').toStringWithPassword())
  project.provide('serverUrl', url.toStringWithPassword())
  return async () => {
    await stopServer(home)
    rmSync(home, {recursive: true, force: true})
  }
}
