import {expect} from 'vitest'
import {cli, type CliOptions, type CliResult, json} from './cli.js'
import {type Ec2Endpoint, startEc2, type StoredRule} from './ec2-endpoint.js'
import {folderOfTest} from './temporary-folder.js'

/** The ids of the rules in the tests. */
export const ids = {groupId: 'sg-0a1b2c3d4e5f60718', ruleId: 'sgr-0123456789abcdef0'}

/** Fake credentials, which no output may contain. */
export const secrets = {
  key: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  token: 'IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVz',
}

/** A typical rule of a user: it allows one address to reach Postgres, and has a description. */
export const postgresRule: StoredRule = {
  SecurityGroupRuleId: ids.ruleId,
  GroupId: ids.groupId,
  IpProtocol: 'tcp',
  FromPort: 5432,
  ToPort: 5432,
  CidrIpv4: '198.51.100.7/32',
  Description: 'GITPOD <Andrew> & co',
}

/** A fake EC2 endpoint and the command that runs against it. */
export interface SgFixture {
  ec2: Ec2Endpoint
  /** An empty folder, which is the command's current folder and home folder. */
  folder: string
  env: NodeJS.ProcessEnv
  /** Runs `sg:update`. */
  update: (args?: string[], options?: CliOptions) => Promise<CliResult>
}

/**
 * Runs `use` with its own fake EC2 endpoint. The environment points the SDK to it and hides this machine: it has no
 * profile and no instance metadata.
 */
export async function withFakeEc2(rules: StoredRule[], use: (fixture: SgFixture) => Promise<void>): Promise<void> {
  const ec2 = await startEc2(...rules)
  const folder = folderOfTest()
  const env = {
    HOME: folder,
    AWS_ENDPOINT_URL: ec2.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: secrets.key,
    AWS_SESSION_TOKEN: secrets.token,
    DB_SG_ID: ids.groupId,
    DB_SG_RULE_ID: ids.ruleId,
    // Nothing listens on this port: a test that looks up the address sets its own.
    CRUDDUR_DB_IP_SERVICES: 'http://127.0.0.1:2',
  }
  try {
    await use({
      ec2,
      folder,
      env,
      update: (args = [], options = {}) =>
        cli(['sg:update', ...args], {cwd: folder, ...options, env: {...env, ...options.env}}),
    })
  } finally {
    await ec2.close()
  }
}

/** The expected failure; the text of `says` may be in the message or in the next steps. */
export interface ExpectedFailure {
  exit: number
  code: string
  says: string[]
}

/** Checks that a failure has its exit code, its code, a message and a next step, and no secret even under DEBUG. */
export async function expectFailure(
  update: SgFixture['update'],
  args: string[],
  {exit, code, says}: ExpectedFailure,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const result = await update([...args, '--json'], {env: {...env, DEBUG: '*'}})
  const {error} = json(result)
  expect(error).toMatchObject({code, exit_code: exit})
  expect(result.exitCode).toBe(exit)
  expect(error?.message).toMatch(/^[^\n]+\.$/)
  expect(error?.next.length).toBeGreaterThan(0)
  for (const text of says) expect([error?.message, ...(error?.next ?? [])].join('\n')).toContain(text)
  expectNoSecret(result)
}

/** Checks that no output contains a secret of the fixture. */
export function expectNoSecret(...results: CliResult[]): void {
  for (const {stdout, stderr} of results) {
    for (const secret of [...Object.values(secrets), encodeURIComponent(secrets.token)])
      expect(stdout + stderr).not.toContain(secret)
  }
}

/** The message of AWS about a wrong signature, which repeats the token. */
export const signatureComplaint = `The Canonical String for this request should have been 'POST\n/\n\nx-amz-security-token:${secrets.token}\n\nhost'`
