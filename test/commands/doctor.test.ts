import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest'
import {ids, postgresRule, secrets, withFakeEc2} from '../support/aws.js'
import {type BlackHole, startBlackHole} from '../support/black-hole.js'
import {issue} from '../support/certificates.js'
import {cli, type CliResult, json} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {fakePostgres, refusal} from '../support/fake-postgres.js'
import {serve} from '../support/http-server.js'
import {startTlsServer, type TlsServer} from '../support/tls-server.js'

interface Layer {
  layer: string
  status: string
  detail: string
  milliseconds: number
}

const rds = 'db.abc123.eu-west-1.rds.amazonaws.com'
const order = [
  'target',
  'url',
  'dns',
  'tcp',
  'tls',
  'authentication',
  'server',
  'database',
  'protection',
  'schema',
  'connections',
  'schema file',
]
let server: TlsServer
let hole: BlackHole
let sslrootcert: string

beforeAll(async () => {
  server = await startTlsServer()
  hole = await startBlackHole()
  sslrootcert = join(server.folder, 'root.crt')
  await server.present(issue({name: rds, hosts: [rds, '127.0.0.1'], issuer: server.root}))
})
afterAll(async () => {
  hole.close()
  await server.close()
})

const look = (PROD_CONNECTION_URL: string, env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  cli(['doctor', 'prod', '--json'], {env: {PROD_CONNECTION_URL, CRUDDUR_DB_HOME: inject('serverHome'), ...env}})

/** The layers of a look, and what a failing one came to. */
function read(result: CliResult): {layers: Layer[]; names: string[]; failed?: string; next: string} {
  const {result: found, error} = json(result)
  const layers = (found?.['layers'] ?? error?.details['layers']) as Layer[]
  const names = layers.map(({layer}) => layer)
  expect(result.exitCode).toBe(error === undefined ? 0 : 9)
  if (error !== undefined) expect(layers.map(({status}) => status).indexOf('failed')).toBe(layers.length - 1)
  return {layers, names, failed: error?.details['failed'] as string | undefined, next: error?.next.join('\n') ?? ''}
}

describe('doctor', () => {
  it('tells every layer with its time, first that there is no schema', async () => {
    const without = read(await look(server.url({sslrootcert}, rds)))
    expect(without.failed).toBe('schema')
    expect(without.next).toContain('cruddur-db schema:load prod')
    await server.run('create table users (id int)')
    const result = await look(server.url({sslrootcert}, rds))
    const {layers, names} = read(result)
    expect(names).toEqual(order)
    const details = Object.fromEntries(layers.map(({layer, detail}) => [layer, detail]))
    expect(details).toMatchObject({
      dns: '127.0.0.1',
      tcp: `127.0.0.1, port ${server.port}`,
      tls: expect.stringMatching(
        /^TLSv1\.3, sslmode verify-full, issued by Test Root, valid for (29|30) days$/,
      ) as string,
      authentication: 'postgres, with a password',
      server: expect.stringMatching(/^Postgres 18/) as string,
      protection: 'by its name',
      schema: '1 table: users',
      'schema file': expect.stringMatching(
        /^\d+ differences from sql\/schema\.sql\. To list: cruddur-db schema:diff prod$/,
      ) as string,
      connections: expect.stringMatching(/^\d+ of 100 free$/) as string,
    })
    expect(new Set(layers.slice(0, -1).map(({status}) => status))).toEqual(new Set(['ok']))
    expect(layers.every(({milliseconds}) => milliseconds >= 0)).toBe(true)
    expect(result.stdout + result.stderr).not.toContain(new URL(server.url()).password)
  })

  it('shows the same to people: a line a layer, then the mend', async () => {
    const human = await cli(['doctor', 'prod'], {env: {PROD_CONNECTION_URL: server.url({sslmode: 'prefer'})}})
    expect(human.exitCode).toBe(0)
    expect(human.stdout.split('\n').map((line) => /^[✓!] ([a-z ]+?) {2,}/.exec(line)?.[1])).toEqual(order)
    const failing = await cli(['doctor'], {env: {CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}})
    expect(failing).toMatchObject({
      exitCode: 9,
      stderr: expect.stringContaining(
        'Error: The check of local failed at this layer: tcp.\n  Check the host and port',
      ) as string,
    })
    expect(failing.stderr).toMatch(/cruddur-db target local$/)
    expect(failing.stdout).toMatch(/✗ tcp .*No server accepts connections at 127\.0\.0\.1:1\.$/)
  })

  it.each<[string, () => string, string, string]>([
    ['a URL that is none', () => 'nonsense', 'url', 'A connection URL looks like'],
    ['a host that is not known', () => 'postgres://u@nohost.invalid/d', 'dns', 'Check the host'],
    ['a refused port', () => 'postgres://u@127.0.0.1:1/d', 'tcp', 'Check the host and port'],
    [
      'a certificate for another host',
      () => server.url({sslmode: 'verify-full', sslrootcert}, 'db.example.com'),
      'tls',
      'hostaddr',
    ],
    ['a wrong password', () => server.url().replace(/:[^:@]+@/, ':wrong@'), 'authentication', 'password'],
    ['a missing database', () => urlOf(uniqueName()), 'database', 'cruddur-db create prod'],
  ])('stops at %s', async (_, url, layer, mend) => {
    const {failed, names, next} = read(await look(url()))
    expect(failed).toBe(layer)
    expect(names.at(-1)).toBe(layer)
    expect(next).toContain(mend)
  })

  it('stops at a variable that is not set, and at a server that starts up', async () => {
    expect(read(await cli(['doctor', 'prod', '--json'])).failed).toBe('target')
    const starting = await fakePostgres(refusal('57P03', 'the database system is starting up'))
    const {failed, next} = read(await look(`postgres://u@127.0.0.1:${starting.port}/d`))
    expect(failed).toBe('server')
    expect(next).toContain('cruddur-db wait prod')
    await starting.close()
  })

  it('blames the security group where its rule is for another address and nothing answers', async () => {
    const silent = `postgres://u@${rds}:${hole.port}/d?hostaddr=127.0.0.1&connect_timeout=1`
    await withFakeEc2([postgresRule], async ({env}) => {
      const group = {...env, GITPOD_IP: '203.0.113.9'}
      const {failed, layers, next} = read(await look(silent, group))
      expect(failed).toBe('security group')
      expect(layers.at(-1)?.detail).toBe(`${ids.ruleId} allows 198.51.100.7/32, but this machine is 203.0.113.9/32.`)
      expect(next).toContain('cruddur-db sg:update')
      const right = read(await look(silent, {...env, GITPOD_IP: '198.51.100.7'}))
      expect(right.failed).toBe('tcp')
      expect(right.layers.at(-1)?.milliseconds).toBeGreaterThan(900)
      expect(right.names).toContain('security group')
      const another = read(await look(server.url({sslrootcert}, rds), group))
      expect(another.layers.find(({layer}) => layer === 'security group')).toMatchObject({status: 'warning'})
      const unseen = read(await look(server.url({sslrootcert}, rds), {...group, AWS_ACCESS_KEY_ID: undefined}))
      expect(unseen.layers.find(({layer}) => layer === 'security group')?.detail).toContain(
        'not checked: There are no usable AWS credentials',
      )
    })
  })

  it('blames the clock where an IAM token is refused and it is 20 minutes off', async () => {
    const service = await serve((_, response) => {
      response.writeHead(200, {date: new Date(Date.now() - 20 * 60_000).toUTCString()}).end('203.0.113.9')
    })
    const aws = {
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: secrets.key,
      CRUDDUR_DB_IP_SERVICES: service.url,
    }
    const {failed, next} = read(await look(server.url({sslrootcert}, rds), {...aws, PROD_CONNECTION_AUTH: 'iam'}))
    expect(failed).toBe('authentication')
    expect(next).toMatch(/^This machine's clock is 20 min fast\. To correct it: sudo timedatectl set-ntp true\n/)
    await service.close()
  })
})
