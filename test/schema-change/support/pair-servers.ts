import {execa} from 'execa'
import type {TestProject} from 'vitest/node'
import {inject} from 'vitest'
import {ask, urlOf} from '../../support/databases.js'
import {programsOf} from '../../support/other-server.js'
import {startOwnServer} from '../../support/own-server.js'
import type {Major} from './pair.js'
import type {TestServer} from './round-trip.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers of other versions than the package has, by major version, as URLs. */
    pairServers: Readonly<Record<string, string>>
  }
}

/** Nothing here has to survive a crash. */
const settings = {full_page_writes: 'off', synchronous_commit: 'off'}

/** Starts the servers of the other versions for a run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await Promise.all(
    ['14', '15'].map(async (major) => ({major, server: await startOwnServer({programs: programsOf(major), settings})})),
  )
  const urls = servers.map(({major, server}) => [major, server.url('postgres')] as const)
  project.provide('pairServers', Object.fromEntries(urls))
  return async () => {
    for (const {server} of servers) await server.stop()
  }
}

/** The server of a version, with the roles of the pairs. */
export async function serverOf(major: Major): Promise<TestServer> {
  const url = major === '18' ? urlOf('postgres') : (inject('pairServers')[major] ?? '')
  await makeRoles(url)
  return {url, pgDump: await installedFor(major)}
}

/** Roles that stay, because the server is gone after the run. */
async function makeRoles(url: string): Promise<void> {
  for (const role of ['pair_reader', 'pair_writer', 'short_reader'])
    await ask(url, `do $$begin create role ${role}; exception when duplicate_object then null; end$$`)
}

/** The installed pg_dump, if it is not older than the server. */
async function installedFor(major: Major): Promise<string | undefined> {
  try {
    const [{stdout: folder}, {stdout: version}] = await Promise.all([
      execa('pg_config', ['--bindir']),
      execa('pg_config', ['--version']),
    ])
    return Number(/\d+/.exec(version)?.[0]) >= Number(major) ? `${folder}/pg_dump` : undefined
  } catch {
    return undefined
  }
}
