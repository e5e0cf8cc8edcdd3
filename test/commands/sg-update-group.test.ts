import {describe, expect, it} from 'vitest'
import {ids, postgresRule, type SgFixture, withFakeEc2} from '../support/aws.js'
import {json} from '../support/cli.js'
import type {StoredRule} from '../support/ec2-endpoint.js'

const {groupId, ruleId} = ids
const ip = ['--ip', '203.0.113.9']
const mine = ['--description', 'my laptop']
const byDescription = {env: {DB_SG_RULE_ID: undefined}}
const laptop: StoredRule = {...postgresRule, SecurityGroupRuleId: 'sgr-0aaa', Description: 'my laptop'}
const others: StoredRule[] = [
  postgresRule,
  {...laptop, SecurityGroupRuleId: 'sgr-0out', IsEgress: true},
  {...laptop, SecurityGroupRuleId: 'sgr-0group', CidrIpv4: undefined, ReferencedGroupId: 'sg-0abc'},
  {...laptop, SecurityGroupRuleId: 'sgr-0else', GroupId: 'sg-0ffffffffffffffff'},
]

const cidrs = ({ec2}: SgFixture): Record<string, string | undefined> =>
  Object.fromEntries(
    [...ec2.rules.values()].map(({SecurityGroupRuleId: id, CidrIpv4, CidrIpv6}) => [id, CidrIpv4 ?? CidrIpv6]),
  )

describe('sg:update without a rule id', () => {
  it('finds its rule by the description, among pages of others, which stay as they are', async () => {
    await withFakeEc2([...others, laptop], async (fixture) => {
      const before = cidrs(fixture)
      const result = await fixture.update([...ip, ...mine], byDescription)
      expect(result).toMatchObject({
        exitCode: 0,
        stdout: `sgr-0aaa in ${groupId}: 198.51.100.7/32 → 203.0.113.9/32 (tcp 5432)`,
      })
      expect(cidrs(fixture)).toEqual({...before, 'sgr-0aaa': '203.0.113.9/32'})
      expect((await fixture.update([...ip, ...mine], byDescription)).stdout).toContain('already right')
    })
  })

  it('makes the rule with --create, once, and only shows it in a dry run', async () => {
    await withFakeEc2(others, async (fixture) => {
      const missing = await fixture.update([...ip, ...mine, '--json'], byDescription)
      expect(missing.exitCode).toBe(8)
      expect(json(missing).error).toMatchObject({code: 'rule_missing'})
      expect(json(missing).error?.next.join()).toContain('--create')
      const dry = await fixture.update([...ip, ...mine, '--create', '--dry-run'], byDescription)
      expect(dry.stdout).toBe(`New rule in ${groupId}: 203.0.113.9/32 (tcp 5432), not created (dry run)`)
      expect(fixture.ec2.actions()).not.toContain('AuthorizeSecurityGroupIngress')
      const made = await fixture.update([...ip, ...mine, '--create'], byDescription)
      expect(made.stdout).toBe(`sgr-0made4 in ${groupId}: 203.0.113.9/32 (tcp 5432), created`)
      expect(made.stderr).toContain('To set this rule without flags: export DB_SG_RULE_ID=sgr-0made4')
      expect(fixture.ec2.rules.get('sgr-0made4')).toMatchObject({
        GroupId: groupId,
        CidrIpv4: '203.0.113.9/32',
        FromPort: 5432,
        Description: 'my laptop',
      })
      expect((await fixture.update([...ip, ...mine, '--create'], byDescription)).stdout).toContain('already right')
      expect(dry.stderr).not.toContain('DB_SG_RULE_ID')
      expect(fixture.ec2.rules.size).toBe(others.length + 1)
    })
  })

  it('takes several ports, each with a rule of its own', async () => {
    await withFakeEc2([...others, laptop], async (fixture) => {
      const ports = ['--port', '5432', '--port', '6432']
      const one = await fixture.update([...ip, ...mine, ...ports, '--json'], byDescription)
      expect(json(one).error).toMatchObject({code: 'rule_missing', details: {ports: [6432]}})
      const both = await fixture.update([...ip, ...mine, ...ports, '--create'], byDescription)
      expect(both.stdout.split('\n')).toEqual([
        `sgr-0aaa in ${groupId}: 198.51.100.7/32 → 203.0.113.9/32 (tcp 5432)`,
        `sgr-0made5 in ${groupId}: 203.0.113.9/32 (tcp 6432), created`,
      ])
      // One variable cannot name both.
      expect(both.stderr).not.toContain('DB_SG_RULE_ID')
      const all = await fixture.update(['--ip', '203.0.113.10', ...mine, '--json'], byDescription)
      expect(json(all).result).toMatchObject({
        rules: [
          {ruleId: 'sgr-0aaa', changed: true},
          {ruleId: 'sgr-0made5', changed: true},
        ],
      })
    })
  })

  it('names what is missing, and what does not go together', async () => {
    await withFakeEc2([postgresRule], async ({update}) => {
      const none = await update([...ip, '--json'], byDescription)
      expect(json(none).error).toMatchObject({code: 'variable_missing', exit_code: 3})
      expect(json(none).error?.next.join()).toContain('--description')
      const both = await update([...ip, ...mine, '--create', '--json'])
      expect(json(both).error).toMatchObject({code: 'rule_named_twice', exit_code: 2})
    })
  })

  it.each([
    ['AuthorizeSecurityGroupIngress', [...mine, '--create'], 'ec2:AuthorizeSecurityGroupIngress'],
    ['DescribeSecurityGroupRules', mine, 'ec2:DescribeSecurityGroupRules'],
  ])('is exit 8 with action and resource where IAM forbids %s', async (action, args, named) => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      ec2.faults = [{action, reply: {status: 403, code: 'UnauthorizedOperation'}}]
      const {error} = json(await update([...ip, ...args, '--json'], byDescription))
      expect(error).toMatchObject({code: 'aws_unauthorized', exit_code: 8})
      expect(error?.message).toContain(named)
      if (action !== 'DescribeSecurityGroupRules')
        expect(error?.message).toContain(`arn:aws:ec2:eu-central-1:*:security-group/${groupId}`)
    })
  })
})

describe('sg:update to the other family of addresses', () => {
  it('puts a new rule in the place of the old one, and says its id', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      const result = await update(['--ip', '2001:db8::9'])
      expect(result.stdout).toBe(
        `sgr-0made1 in ${groupId}: 198.51.100.7/32 → 2001:db8::9/128 (tcp 5432), replaces ${ruleId}. If you use DB_SG_RULE_ID, set it to sgr-0made1`,
      )
      expect([...ec2.rules.values()]).toEqual([
        expect.objectContaining({CidrIpv6: '2001:db8::9/128', FromPort: 5432, Description: postgresRule.Description}),
      ])
      const back = await update([...ip, '--json'], {env: {DB_SG_RULE_ID: 'sgr-0made1'}})
      expect(json(back).result).toMatchObject({rules: [{replaced: 'sgr-0made1', after: {cidr: '203.0.113.9/32'}}]})
    })
  })

  it('loses nothing where the new rule may not be made', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      ec2.faults = [{action: 'AuthorizeSecurityGroupIngress', reply: {status: 403, code: 'UnauthorizedOperation'}}]
      expect(await update(['--ip', '2001:db8::9'])).toMatchObject({exitCode: 8})
      expect(ec2.rules.get(ruleId)).toBe(postgresRule)
    })
  })
})
