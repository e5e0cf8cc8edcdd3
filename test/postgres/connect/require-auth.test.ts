import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {Db} from '../../../src/lib/app/db.js'
import {withClient} from '../../../src/lib/postgres/connect/client.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {cli, json} from '../../support/cli.js'
import {startTlsServer, type TlsServer} from '../../support/tls-server.js'

let server: TlsServer

beforeAll(async () => {
  server = await startTlsServer()
  await server.run("set password_encryption = 'md5'; create role old login password 'x'")
  await server.run("create role plain login password 'x'")
  await server.run('create role trusted login')
  await server.rules(
    'host all trusted 127.0.0.1/32 trust',
    'host all old 127.0.0.1/32 md5',
    'host all plain 127.0.0.1/32 password',
  )
})
afterAll(() => server.close())

const as = (user: string, require_auth: string): string =>
  Object.assign(new URL(server.url({require_auth})), {username: user, password: 'x'}).href

/** `in`, or the code of the error. */
async function outcome(url: string): Promise<string> {
  return withClient(ConnectionUrl.parse(url, 'URL'), {}, (client) => client.query('select 1')).then(
    () => 'in',
    (error: unknown) => (error as {code: string}).code,
  )
}

describe('require_auth', () => {
  const refused = 'require_auth_failed'

  it.each([
    ['scram-sha-256', 'in', refused, refused, refused],
    ['md5', refused, 'in', refused, refused],
    ['password', refused, refused, 'in', refused],
    ['none', refused, refused, refused, 'in'],
    ['gss,oauth', refused, refused, refused, refused],
    ['scram-sha-256,md5', 'in', 'in', refused, refused],
    ['scram-sha-256, none', 'in', refused, refused, 'in'],
    ['!password', 'in', 'in', refused, 'in'],
    ['!none', 'in', 'in', 'in', refused],
    ['!md5,!password', 'in', refused, refused, 'in'],
    ['', 'in', 'in', 'in', 'in'],
  ])('%s', async (value, scram, md5, password, none) => {
    const outcomes = [
      await outcome(server.url({require_auth: value})),
      await outcome(as('old', value)),
      await outcome(as('plain', value)),
      await outcome(as('trusted', value)),
    ]
    expect(outcomes).toEqual([scram, md5, password, none])
  })

  it.each(['nonsense', 'md5,md5', 'md5,!password', '!', 'scram-sha-256,'])('is refused as %s', async (value) => {
    expect(await outcome(server.url({require_auth: value}))).toBe('require_auth_invalid')
  })

  it('comes from PGREQUIREAUTH too, and says what the server asked for', async () => {
    const CONNECTION_URL = as('plain', '').replace(/[?&]require_auth=/, '')
    expect(await cli(['sessions'], {env: {CONNECTION_URL}})).toMatchObject({exitCode: 0})
    const result = await cli(['sessions', '--json'], {env: {CONNECTION_URL, PGREQUIREAUTH: 'scram-sha-256'}})
    expect(json(result).error).toMatchObject({
      code: refused,
      exit_code: 4,
      message: expect.stringContaining(
        'the server asks for password, and require_auth allows only scram-sha-256',
      ) as string,
    })
    expect(
      await cli(['sessions'], {env: {CONNECTION_URL: server.url(), PGREQUIREAUTH: 'scram-sha-256'}}),
    ).toMatchObject({
      exitCode: 0,
    })
  })

  it('holds for the library', async () => {
    const db = new Db(as('trusted', 'scram-sha-256'))
    await expect(db.value('select 1')).rejects.toMatchObject({code: refused})
    await db.close()
  })
})
