import {fileURLToPath} from 'node:url'
import {inject} from 'vitest'
import type {TestProject} from 'vitest/node'
import {type OwnServer, type OwnServerOptions, startOwnServer} from './own-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The major version of the test server; empty for the server of the package. */
    serverMajor: string
  }
}

/** The programs of a version that scripts/test-servers.js has fetched; undefined for those of the package. */
export const programsOf = (major: string): string | undefined =>
  major === ''
    ? undefined
    : fileURLToPath(new URL(`../../node_modules/.cache/test-servers/${major}/native`, import.meta.url))

/** Runs `use` with a server of its own, of the version that the tests run on. */
export async function withOwnServer(
  use: (server: OwnServer) => Promise<void>,
  settings: OwnServerOptions['settings'] = {},
): Promise<void> {
  const server = await startOwnServer({programs: programsOf(inject('serverMajor')), settings})
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}

/** Starts the server for a run on another version than that of the package. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startOwnServer({programs: programsOf(process.env['TEST_SERVER'] ?? '')})
  project.provide('serverUrl', server.url('not_there'))
  return () => server.stop()
}
