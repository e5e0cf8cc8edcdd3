import {execa} from 'execa'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {passwordsIn} from '../../src/lib/targets/authentication.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {fallbackOf} from '../../src/lib/targets/fallback.js'
import {readVariables} from '../../src/lib/targets/variables.js'
import {issue} from '../support/certificates.js'
import {bareEnvironment} from '../support/cli.js'
import {urlOf} from '../support/databases.js'
import {startTlsServer, type TlsServer} from '../support/tls-server.js'
import {psql} from './programs.js'

const question = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
let server: TlsServer

beforeAll(async () => {
  server = await startTlsServer()
  await writeFile(join(server.folder, '.pgpass'), `*:*:*:*:${new URL(server.url()).password}\n`, {mode: 0o600})
  await writeFile(
    join(server.folder, '.pg_service.conf'),
    `# one\n[mine]\nhost=127.0.0.1\nport=${server.port}\nuser=postgres\ndbname=postgres\nsslmode=require\n`,
  )
})
afterAll(() => server.close())

/** `true` and `false` for TLS and plain, `refused` for any failure. */
async function ours(url: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const variables = readVariables(env, server.folder)
    const parsed = ConnectionUrl.parse(url, 'URL', fallbackOf(variables))
    const ready = parsed.password === undefined ? parsed.withPasswords(passwordsIn(variables.files.passwords)) : parsed
    const {
      rows: [row],
    } = await withClient(ready, {}, (client) => client.query<{ssl: boolean}>(question))
    return String(row?.ssl)
  } catch {
    return 'refused'
  }
}

async function theirs(url: string, env: NodeJS.ProcessEnv): Promise<string> {
  const {exitCode, stdout} = await execa(psql, [url, '-XAtwc', question], {
    env: {...bareEnvironment, ...env},
    extendEnv: false,
    reject: false,
  })
  return exitCode === 0 ? String(stdout === 't') : 'refused'
}

it('TLS comes out as with psql: every sslmode, with and without roots, at several servers', async () => {
  const env = {HOME: server.folder}
  const sslrootcert = join(server.folder, 'root.crt')
  const hosts = ['localhost', 'db.example.com']
  const differences: string[] = []
  const compare = async (url: string): Promise<void> => {
    const [mine, other] = await Promise.all([ours(url, env), theirs(url, env)])
    if (mine !== other) differences.push(`${new URL(url).host} ${new URL(url).search}: ${mine}, psql ${other}`)
  }
  const certificates = [
    issue({name: 'good', hosts: ['localhost', '127.0.0.1'], issuer: server.root}),
    issue({name: 'old', hosts: ['localhost'], issuer: server.root, from: new Date(0), to: new Date(Date.now() - 1000)}),
    issue({name: 'self', hosts: ['localhost']}),
  ]
  for (const certificate of certificates) {
    await server.present(certificate)
    for (const host of hosts) {
      for (const sslmode of modes) {
        for (const roots of [undefined, {sslrootcert}]) await compare(server.url({...roots, sslmode}, host))
      }
    }
  }

  for (const sslmode of modes) await compare(`${urlOf('postgres')}?sslmode=${sslmode}&sslrootcert=${sslrootcert}`)
  expect(differences).toEqual([])
})

it('variables, the service and the password file count as with psql', async () => {
  const env = {HOME: server.folder}
  const bare = `postgresql://postgres@127.0.0.1:${server.port}/postgres`
  const cases: [string, NodeJS.ProcessEnv][] = [
    [bare, {PGSSLMODE: 'require'}],
    [bare, {PGSSLMODE: 'disable'}],
    [bare, {PGPASSWORD: 'wrong'}],
    [
      'postgresql:///postgres',
      {PGHOST: '127.0.0.1', PGPORT: String(server.port), PGUSER: 'postgres', PGSSLMODE: 'require'},
    ],
    ['postgresql://?service=mine', {}],
    ['postgresql://?service=mine&sslmode=disable', {PGSSLMODE: 'verify-full'}],
    ['postgresql:///postgres', {PGSERVICE: 'mine', PGPORT: '1', PGSSLMODE: 'disable'}],
    [bare, {PGSERVICE: 'yours'}],
    [bare, {PGSERVICEFILE: '/nowhere', PGSERVICE: 'mine'}],
  ]
  for (const [url, more] of cases) {
    const all = {...env, ...more}
    expect([url, more, await ours(url, all)]).toEqual([url, more, await theirs(url, all)])
  }
})
