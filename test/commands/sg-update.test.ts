import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {ids, postgresRule, secrets, withFakeEc2} from '../support/aws.js'
import {json} from '../support/cli.js'
import {serve} from '../support/http-server.js'

const {groupId, ruleId} = ids
const describeAction = 'DescribeSecurityGroupRules'
const modifyAction = 'ModifySecurityGroupRules'
const at = 'SecurityGroupRule.1.SecurityGroupRule.'

describe('sg:update', () => {
  it('sets the rule to the address, sends everything else of it again, and reads it back', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      const result = await update(['--ip', '203.0.113.9'])
      expect(result).toEqual({
        exitCode: 0,
        stdout: `${ruleId} in ${groupId}: 198.51.100.7/32 → 203.0.113.9/32 (tcp 5432)`,
        stderr: 'Public address 203.0.113.9, from --ip.',
      })
      expect(ec2.actions()).toEqual([describeAction, modifyAction, describeAction])
      expect(ec2.requests[1]?.fields).toEqual({
        Action: modifyAction,
        Version: '2016-11-15',
        GroupId: groupId,
        'SecurityGroupRule.1.SecurityGroupRuleId': ruleId,
        [`${at}IpProtocol`]: 'tcp',
        [`${at}FromPort`]: '5432',
        [`${at}ToPort`]: '5432',
        [`${at}CidrIpv4`]: '203.0.113.9/32',
        [`${at}Description`]: 'GITPOD <Andrew> & co',
      })
      expect(ec2.rules.get(ruleId)).toMatchObject({...postgresRule, CidrIpv4: '203.0.113.9/32'})
      for (const {headers} of ec2.requests) {
        expect(headers.authorization).toMatch(
          /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-central-1\/ec2\/aws4_request, SignedHeaders=.*, Signature=[0-9a-f]{64}$/,
        )
        expect(headers['x-amz-security-token']).toBe(secrets.token)
      }
    })
  })

  it('does nothing where the rule is already right, and gives it as JSON', async () => {
    await withFakeEc2([{...postgresRule, CidrIpv4: '203.0.113.9/32'}], async ({ec2, update}) => {
      const human = await update(['--ip', '203.0.113.9'])
      expect(human).toMatchObject({
        exitCode: 0,
        stdout: `${ruleId} in ${groupId}: 203.0.113.9/32 (tcp 5432), already right`,
      })
      const state = {
        cidr: '203.0.113.9/32',
        protocol: 'tcp',
        fromPort: 5432,
        toPort: 5432,
        description: 'GITPOD <Andrew> & co',
      }
      expect(json(await update(['--ip', '203.0.113.9', '--json']))).toMatchObject({
        command: 'sg:update',
        target: null,
        result: {
          groupId,
          region: 'eu-central-1',
          ip: '203.0.113.9',
          ipSource: '--ip',
          rules: [{ruleId, before: state, after: state, changed: false}],
          dryRun: false,
        },
      })
      expect(ec2.actions()).toEqual([describeAction, describeAction])
    })
  })

  it('shows before and after with --dry-run, and changes nothing', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      const args = ['--ip', '203.0.113.9', '--description', 'office', '--dry-run']
      expect((await update(args)).stdout).toBe(
        `${ruleId} in ${groupId}: 198.51.100.7/32 → 203.0.113.9/32 (tcp 5432), description "GITPOD <Andrew> & co" → "office", not changed (dry run)`,
      )
      expect(json(await update([...args, '--json'])).result).toMatchObject({
        rules: [
          {
            before: {cidr: '198.51.100.7/32', description: 'GITPOD <Andrew> & co'},
            after: {cidr: '203.0.113.9/32', description: 'office'},
            changed: false,
          },
        ],
        dryRun: true,
      })
      expect(ec2.actions()).not.toContain(modifyAction)
      expect(ec2.rules.get(ruleId)).toBe(postgresRule)
    })
  })

  it('sets protocol, ports and description where they are given', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      const args = [
        '--ip',
        '198.51.100.7',
        '--protocol',
        '17',
        '--from-port',
        '5432',
        '--to-port',
        '5440',
        '--description',
        '',
      ]
      const result = await update(args)
      expect(result.stdout).toBe(
        `${ruleId} in ${groupId}: 198.51.100.7/32 (tcp 5432 → udp 5432-5440), description "GITPOD <Andrew> & co" → none`,
      )
      expect(ec2.rules.get(ruleId)).toMatchObject({
        IpProtocol: 'udp',
        FromPort: 5432,
        ToPort: 5440,
        CidrIpv4: '198.51.100.7/32',
      })
      expect(ec2.rules.get(ruleId)?.Description).toBeUndefined()
      expect((await update(['--ip', '198.51.100.7', '--protocol', '-1'])).stdout).toContain(
        '(udp 5432-5440 → all traffic)',
      )
      expect(ec2.rules.get(ruleId)).toMatchObject({IpProtocol: '-1', FromPort: -1, ToPort: -1})
    })
  })

  it('sets an IPv6 rule to /128, in the spelling that AWS answers with', async () => {
    const rule = {...postgresRule, CidrIpv4: undefined, CidrIpv6: '2001:db8::7/128'}
    await withFakeEc2([rule], async ({ec2, update}) => {
      expect(await update(['--ip', '2001:DB8:0:0::0009'])).toMatchObject({exitCode: 0})
      expect(ec2.requests[1]?.fields).toMatchObject({[`${at}CidrIpv6`]: '2001:db8::9/128'})
      expect(ec2.requests[1]?.fields).not.toHaveProperty(`${at}CidrIpv4`)
    })
  })

  it('waits for AWS to show what it was told', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      ec2.lag = 2
      expect(await update(['--ip', '203.0.113.9'])).toMatchObject({exitCode: 0})
      expect(ec2.actions().filter((action) => action === describeAction)).toHaveLength(4)
    })
  })

  it('takes ids, address and region from .env, the environment first, and flags before both', async () => {
    await withFakeEc2([postgresRule], async ({ec2, folder, env, update}) => {
      await writeFile(
        join(folder, '.env'),
        `DB_SG_ID=${groupId}\nDB_SG_RULE_ID=${ruleId}\nGITPOD_IP=203.0.113.9\nAWS_REGION=eu-west-1\n`,
      )
      const bare = {DB_SG_ID: undefined, DB_SG_RULE_ID: undefined, AWS_REGION: undefined}
      const fromFile = await update([], {env: bare})
      expect(fromFile).toMatchObject({
        exitCode: 0,
        stderr: `Public address 203.0.113.9, from GITPOD_IP in ${join(folder, '.env')}.`,
      })
      const shell = await update([], {
        env: {...bare, GITPOD_IP: '203.0.113.10', AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-2'},
      })
      expect(shell.stderr).toBe('Public address 203.0.113.10, from GITPOD_IP.')
      const flags = ['--group-id', groupId, '--rule-id', ruleId, '--ip', '203.0.113.11', '--region', 'eu-west-3']
      expect(
        await update(flags, {env: {...env, DB_SG_ID: 'sg-1', DB_SG_RULE_ID: 'sgr-1', GITPOD_IP: 'nonsense'}}),
      ).toMatchObject({exitCode: 0})
      const regions = ec2.requests.map(({headers}) => /\/(eu-[^/]+)\//.exec(headers.authorization ?? '')?.[1])
      expect([regions[0], regions[3], regions[6]]).toEqual(['eu-west-1', 'eu-west-2', 'eu-west-3'])
    })
  })

  it('takes region and credentials from a profile', async () => {
    await withFakeEc2([postgresRule], async ({ec2, folder, update}) => {
      const config = join(folder, 'config')
      await writeFile(
        config,
        `[profile dev]\nregion = ap-south-1\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = ${secrets.key}\n`,
      )
      const none = {
        AWS_REGION: undefined,
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_SESSION_TOKEN: undefined,
      }
      const result = await update(['--ip', '203.0.113.9', '--json'], {
        env: {...none, AWS_CONFIG_FILE: config, AWS_PROFILE: 'dev'},
      })
      expect(json(result).result).toMatchObject({region: 'ap-south-1', rules: [{changed: true}]})
      expect(ec2.requests[0]?.headers.authorization).toMatch(/Credential=AKIDPROFILE\/\d+\/ap-south-1\/ec2/)
    })
  })

  it('asks public services one after the other where no address is given', async () => {
    const down = await serve((_, response) => {
      response.writeHead(503)
      response.end('busy')
    })
    const up = await serve((_, response) => {
      response.end('203.0.113.9\n')
    })
    try {
      await withFakeEc2([postgresRule], async ({ec2, update}) => {
        const result = await update([], {env: {CRUDDUR_DB_IP_SERVICES: `${down.url}, ${up.url}/ip`}})
        expect(result).toMatchObject({exitCode: 0, stderr: `Public address 203.0.113.9, from ${new URL(up.url).host}.`})
        expect(ec2.rules.get(ruleId)?.CidrIpv4).toBe('203.0.113.9/32')
      })
    } finally {
      await down.close()
      await up.close()
    }
  })

  it('tries again where AWS throttles, fails or cuts the connection in passing', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      ec2.faults = [
        {
          action: describeAction,
          times: 1,
          reply: {status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.'},
        },
        {action: modifyAction, times: 1, reply: 'cut'},
        {action: modifyAction, times: 1, reply: {status: 500, code: 'InternalError'}},
      ]
      expect(await update(['--ip', '203.0.113.9'])).toMatchObject({
        exitCode: 0,
        stderr: 'Public address 203.0.113.9, from --ip.',
      })
      expect(ec2.actions()).toEqual([
        describeAction,
        describeAction,
        modifyAction,
        modifyAction,
        modifyAction,
        describeAction,
      ])
    })
  })
  it.each([20, -20])('goes by the clock of AWS where it is %i minutes ahead of this one', async (minutes) => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      ec2.clockAhead = minutes * 60_000
      expect(await update(['--ip', '203.0.113.9'])).toMatchObject({exitCode: 0})
      expect(ec2.actions()).toEqual([describeAction, describeAction, modifyAction, describeAction])
    })
  })
})
