import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {inject} from 'vitest'
import type {TestProject} from 'vitest/node'
import {preparePrograms} from '../../src/lib/server/programs.js'
import {type OwnServer, startOwnServer} from './own-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The major version of the test server; empty for the server of the package. */
    serverMajor: string
  }
}

/** The folder of the programs of a version, which scripts/test-servers.js has installed. */
const fetched = (major: string): string =>
  fileURLToPath(new URL(`../../node_modules/.cache/test-servers/${major}/native`, import.meta.url))

/** Runs `use` with its own server, of the version under test. */
export async function withOwnServer(use: (server: OwnServer) => Promise<void>): Promise<void> {
  const major = inject('serverMajor')
  const home = await mkdtemp(join(tmpdir(), 'cruddur-programs-'))
  const server = await startOwnServer(major === '' ? await preparePrograms(home) : fetched(major))
  try {
    await use(server)
  } finally {
    await server.stop()
    await rm(home, {recursive: true, force: true})
  }
}

/** Starts the server for a run on another version than that of the package. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startOwnServer(fetched(process.env['TEST_SERVER'] ?? ''))
  project.provide('serverUrl', server.url('not_there'))
  return () => server.stop()
}
