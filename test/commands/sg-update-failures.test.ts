import {execa} from 'execa'
import {chmod, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {
  type ExpectedFailure,
  expectFailure,
  expectNoSecret,
  ids,
  postgresRule,
  secrets,
  signatureComplaint,
  withFakeEc2,
} from '../support/aws.js'
import {bareEnvironment, program} from '../support/cli.js'
import type {StoredRule} from '../support/ec2-endpoint.js'
import {serve} from '../support/http-server.js'

const {ruleId} = ids
const ip = ['--ip', '203.0.113.9']

describe('sg:update refuses before AWS is asked', () => {
  it.each([
    ['', 'is empty'],
    ['203.0.113.9/32', 'contains a /'],
    ['10.0.0.5', 'is a private address'],
    ['203.0.113.9 ', 'is not an IP address'],
  ])('the address "%s"', async (address, says) => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      await expectFailure(update, [`--ip=${address}`], {exit: 2, code: 'address_refused', says: [`from --ip ${says}`]})
      const human = await update([], {env: {GITPOD_IP: address}})
      expect(human).toMatchObject({exitCode: 3, stdout: ''})
      expect(human.stderr).toMatch(
        /^Error: The address from GITPOD_IP (is|contains) [^\n]+\.\n {2}To set this machine's public address/,
      )
      expect(ec2.requests).toEqual([])
    })
  })

  it.each<[string, string[], NodeJS.ProcessEnv, ExpectedFailure]>([
    [
      'no group id',
      ip,
      {DB_SG_ID: undefined},
      {exit: 3, code: 'variable_missing', says: ['DB_SG_ID is not set', '--group-id sg-…']},
    ],
    [
      'an empty rule id',
      ip,
      {DB_SG_RULE_ID: ' '},
      {exit: 3, code: 'variable_missing', says: ['DB_SG_RULE_ID is empty', '--rule-id sgr-…']},
    ],
    [
      "ids in each other's place",
      ip,
      {DB_SG_ID: ruleId},
      {exit: 3, code: 'id_malformed', says: ['DB_SG_ID must be the id of a security group, beginning with sg-']},
    ],
    [
      'a malformed rule id',
      [...ip, '--rule-id', 'sg-1'],
      {},
      {exit: 2, code: 'id_malformed', says: ['--rule-id must be the id of a security-group rule']},
    ],
    [
      'a malformed region',
      [...ip, '--region', 'evil.example/'],
      {},
      {exit: 2, code: 'region_malformed', says: ['--region must be the name of an AWS region']},
    ],
    [
      'no region',
      ip,
      {AWS_REGION: undefined},
      {exit: 3, code: 'region_missing', says: ['No AWS region is set.', '--region']},
    ],
    [
      'no credentials',
      ip,
      {AWS_ACCESS_KEY_ID: undefined},
      {exit: 8, code: 'aws_credentials_missing', says: ['no usable AWS credentials', 'AWS_PROFILE']},
    ],
    [
      'a profile that is not there',
      ip,
      {AWS_ACCESS_KEY_ID: undefined, AWS_PROFILE: 'nope'},
      {exit: 8, code: 'aws_credentials_missing', says: ['no usable AWS credentials']},
    ],
    [
      'a protocol that is none',
      [...ip, '--protocol', 'tpc'],
      {},
      {exit: 2, code: 'protocol_unknown', says: ['Unknown protocol "tpc"']},
    ],
    [
      'ports the wrong way round',
      [...ip, '--from-port', '2', '--to-port', '1'],
      {},
      {exit: 2, code: 'ports_malformed', says: ['--from-port 2 is greater than --to-port 1']},
    ],
    [
      'a description that AWS does not take',
      [...ip, '--description', 'Büro'],
      {},
      {exit: 2, code: 'description_refused', says: ['AWS does not accept this description']},
    ],
    [
      'services that can be forged',
      [],
      {CRUDDUR_DB_IP_SERVICES: 'http://ip.example.com'},
      {exit: 3, code: 'ip_services_malformed', says: ['Entry 1 in CRUDDUR_DB_IP_SERVICES']},
    ],
    [
      'services that do not answer',
      [],
      {},
      {
        exit: 4,
        code: 'public_ip_unknown',
        says: ['127.0.0.1:2: it could not be reached (ECONNREFUSED)', '--ip <address>'],
      },
    ],
  ])('%s', async (_, args, env, expected) => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      await expectFailure(update, args, expected, env)
      expect(ec2.requests).toEqual([])
    })
  })

  it('says nothing of what a credential process printed', async () => {
    await withFakeEc2([postgresRule], async ({folder, update}) => {
      const helper = join(folder, 'helper')
      await writeFile(
        helper,
        `#!/bin/sh\necho '{"SecretAccessKey": "${secrets.key}"}' >&2\necho 'token ${secrets.token}'\nexit 1\n`,
      )
      await chmod(helper, 0o755)
      await writeFile(join(folder, 'config'), `[profile dev]\ncredential_process = ${helper} ${secrets.key}\n`)
      const env = {AWS_ACCESS_KEY_ID: undefined, AWS_CONFIG_FILE: join(folder, 'config'), AWS_PROFILE: 'dev'}
      await expectFailure(update, ip, {exit: 8, code: 'aws_credentials_missing', says: []}, env)
      expectNoSecret(await update(ip, {env: {...env, DEBUG: '*'}}))
    })
  })
})

describe('sg:update leaves alone', () => {
  it.each<[string, Partial<StoredRule>, string[], {code: string; says: string[]}]>([
    [
      'a rule of another group',
      {GroupId: 'sg-0ffffffffffffffff'},
      ip,
      {code: 'rule_of_other_group', says: ['is a rule of sg-0ffffffffffffffff, not of', 'DB_SG_RULE_ID']},
    ],
    ['a rule on what goes out', {IsEgress: true}, ip, {code: 'rule_is_egress', says: ['is an outbound rule']}],
    [
      'a rule for a group',
      {CidrIpv4: undefined, ReferencedGroupId: 'sg-0abc'},
      ip,
      {code: 'rule_without_cidr', says: ['allows the security group sg-0abc']},
    ],
    [
      'a rule for a prefix list',
      {CidrIpv4: undefined, PrefixListId: 'pl-0abc'},
      ip,
      {code: 'rule_without_cidr', says: ['allows the prefix list pl-0abc']},
    ],
  ])('%s', async (_, difference, args, expected) => {
    const rule = {...postgresRule, ...difference}
    await withFakeEc2([rule], async ({ec2, update}) => {
      await expectFailure(update, args, {exit: 8, ...expected})
      expect(ec2.actions()).not.toContain('ModifySecurityGroupRules')
      expect(ec2.rules.get(ruleId)).toBe(rule)
    })
  })

  it('a rule whose ports would be lost or make no sense', async () => {
    await withFakeEc2([{...postgresRule, IpProtocol: '-1', FromPort: -1, ToPort: -1}], async ({ec2, update}) => {
      await expectFailure(update, [...ip, '--protocol', 'tcp'], {
        exit: 2,
        code: 'ports_missing',
        says: ['--from-port 5432 --to-port 5432'],
      })
      await expectFailure(update, [...ip, '--to-port', '5432'], {
        exit: 2,
        code: 'ports_malformed',
        says: ['A rule for all protocols cannot have ports.'],
      })
      expect(ec2.actions()).not.toContain('ModifySecurityGroupRules')
    })
  })
})

/** What AWS says of a signature: it quotes the request that it got, the session token too. */
describe('sg:update for people', () => {
  it('says it in one sentence without a stack, and under DEBUG gives no secret away', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      expectNoSecret(await update(ip, {env: {DEBUG: '*'}}))
      ec2.faults = [{reply: {status: 403, code: 'SignatureDoesNotMatch', message: signatureComplaint}}]
      const plain = await update(ip)
      expect(plain).toMatchObject({exitCode: 8, stdout: ''})
      expect(plain.stderr).toMatch(
        /Error: AWS does not accept these credentials\.\n {2}Check AWS_ACCESS_KEY_ID[^\n]+\n {2}To see whose[^\n]+$/,
      )
      const failed = await update(ip, {env: {DEBUG: '*'}})
      expect(failed.stderr).toContain('Caused by: SignatureDoesNotMatch, 403')
      expectNoSecret(plain, failed)
    })
  })
})

describe('sg:update on Ctrl-C', () => {
  const interrupted = async (
    env: NodeJS.ProcessEnv,
    args: string[],
    asked: () => boolean,
    cwd: string,
  ): Promise<void> => {
    const running = execa(process.execPath, [program, 'sg:update', ...args], {
      env: {...bareEnvironment, ...env},
      extendEnv: false,
      cwd,
      reject: false,
    })
    await expect.poll(asked, {timeout: 30_000}).toBe(true)
    const start = performance.now()
    running.kill('SIGINT')
    expect(await running).toMatchObject({exitCode: 130, stdout: ''})
    expect(performance.now() - start).toBeLessThan(20_000)
  }

  it('leaves a silent AWS', async () => {
    await withFakeEc2([postgresRule], async ({ec2, env, folder}) => {
      ec2.faults = [{reply: 'silence'}]
      await interrupted(env, ip, () => ec2.requests.length > 0, folder)
    })
  })

  it('leaves a silent public service', async () => {
    let asked = false
    const silent = await serve(() => {
      asked = true
    })
    try {
      await withFakeEc2([postgresRule], async ({ec2, env, folder}) => {
        await interrupted({...env, CRUDDUR_DB_IP_SERVICES: silent.url}, [], () => asked, folder)
        expect(ec2.requests).toEqual([])
      })
    } finally {
      await silent.close()
    }
  })
})
