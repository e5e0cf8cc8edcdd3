import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {postgresRule, secrets, withFakeEc2} from '../support/aws.js'
import {issue} from '../support/certificates.js'
import {cli, json} from '../support/cli.js'
import {credentialSource, loggedIn, noCredentials} from '../support/credentials.js'
import {tokenServer} from '../support/fake-postgres.js'
import {folderOfTest} from '../support/temporary-folder.js'

const rds = 'db.abc123.eu-west-1.rds.amazonaws.com'

describe.each(['environment', 'profile', 'SSO', 'container', 'web identity'] as const)('credentials by %s', (kind) => {
  it('sign what sg:update asks of EC2', async () => {
    await withFakeEc2([postgresRule], async ({ec2, folder, update}) => {
      const {env, key, close} = await credentialSource(kind, folder)
      expect(await update(['--ip', '203.0.113.9'], {env})).toMatchObject({exitCode: 0})
      expect(ec2.requests[0]?.headers).toMatchObject({
        authorization: expect.stringContaining(`Credential=${key}/`) as string,
        'x-amz-security-token': secrets.token,
      })
      await close()
    })
  })

  it('sign the token that logs in to RDS', async () => {
    await withTokenServer(async ({folder, passwords, url}) => {
      const {env, key, close} = await credentialSource(kind, folder)
      await cli(['sessions'], {cwd: folder, env: {HOME: folder, CONNECTION_URL: url, CONNECTION_AUTH: 'iam', ...env}})
      const token = new URL(`https://${passwords[0]}`)
      expect(token.searchParams.get('X-Amz-Credential')).toMatch(
        new RegExp(`^${key}/\\d{8}/eu-west-1/rds-db/aws4_request$`),
      )
      expect(token.searchParams.get('X-Amz-Security-Token')).toBe(secrets.token)
      await close()
    })
  })
})

describe('credentials that have run out', () => {
  it('by SSO lead to a new login, for EC2 and for RDS', async () => {
    await withTokenServer(async ({folder, passwords, url}) => {
      await loggedIn(folder, new Date(Date.now() - 60_000))
      const env = {
        ...noCredentials,
        HOME: folder,
        AWS_PROFILE: 'dev',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:2',
        DB_SG_ID: 'sg-1',
        DB_SG_RULE_ID: 'sgr-1',
        AWS_REGION: 'eu-west-1',
      }
      const login = expect.arrayContaining([expect.stringContaining('aws sso login')]) as string[]
      for (const args of [['sg:update', '--ip', '203.0.113.9'], ['sessions']]) {
        const result = await cli([...args, '--json'], {
          cwd: folder,
          env: {...env, CONNECTION_URL: url, CONNECTION_AUTH: 'iam'},
        })
        expect(json(result).error).toMatchObject({exit_code: 8, next: login})
        expect(result.stdout + result.stderr).not.toContain(secrets.token)
      }

      expect(passwords).toEqual([])
    })
  })
})

/** A server that takes tokens, reached by the name of an RDS instance, and a folder of the test's own. */
async function withTokenServer(
  use: (place: {folder: string; passwords: string[]; url: string}) => Promise<void>,
): Promise<void> {
  const folder = folderOfTest()
  const root = issue({name: 'Root', authority: true})
  const server = await tokenServer(issue({name: rds, hosts: [rds], issuer: root}))
  await writeFile(join(folder, 'root.crt'), root.cert)
  const url = `postgres://ada@${rds}:${server.port}/d?hostaddr=127.0.0.1&sslrootcert=${join(folder, 'root.crt')}`
  await use({folder, passwords: server.passwords, url})
  await server.close()
}
