import {describe, expect, it} from 'vitest'
import {expectFailure, ids, postgresRule, type SgFixture, withFakeEc2} from '../support/aws.js'
import {json} from '../support/cli.js'
import type {Fault, StoredRule} from '../support/ec2-endpoint.js'

const {groupId, ruleId} = ids
const ip = ['--ip', '203.0.113.9']
const mine = ['--description', 'my laptop']
const byDescription = {env: {DB_SG_RULE_ID: undefined}}
const laptop: StoredRule = {...postgresRule, SecurityGroupRuleId: 'sgr-0aaa', Description: 'my laptop'}
const forbidden: Fault['reply'] = {status: 403, code: 'UnauthorizedOperation'}

const cidrs = ({ec2}: SgFixture): Record<string, string | undefined> =>
  Object.fromEntries(
    [...ec2.rules.values()].map(({SecurityGroupRuleId: id, CidrIpv4, CidrIpv6}) => [id, CidrIpv4 ?? CidrIpv6]),
  )
const changes = ({ec2}: SgFixture): string[] => ec2.actions().filter((action) => !action.startsWith('Describe'))

describe('sg:update does not lock others out', () => {
  it.each(['0.0.0.0/0', '10.0.0.0/8', '198.51.100.0/24', '198.51.100.6/31', '::/0', '2001:db8::/64'])(
    'of a rule for %s, unless --force is given',
    async (network) => {
      const source = network.includes(':') ? {CidrIpv4: undefined, CidrIpv6: network} : {CidrIpv4: network}
      await withFakeEc2([{...laptop, SecurityGroupRuleId: ruleId, ...source}], async (fixture) => {
        const address = network.includes(':') ? ['--ip', '2001:db8::9'] : ip
        for (const args of [address, [...address, '--dry-run'], [...address, '--from-port', '5432']])
          await expectFailure(fixture.update, args, {
            exit: 8,
            code: 'rule_wide',
            says: [`${ruleId} allows ${network}`, 'Nothing was changed', '--force'],
          })
        const described = await fixture.update([...address, ...mine, '--json'], byDescription)
        expect(json(described).error).toMatchObject({code: 'rule_wide', details: {ruleId, cidr: network}})
        expect(changes(fixture)).toEqual([])
        expect(await fixture.update([...address, '--force'])).toMatchObject({exitCode: 0})
        expect(Object.values(cidrs(fixture))).toEqual([network.includes(':') ? '2001:db8::9/128' : '203.0.113.9/32'])
      })
    },
  )

  it.each([
    ['tcp 22', {FromPort: 22, ToPort: 22}],
    ['tcp 0-65535', {FromPort: 0, ToPort: 65_535}],
    ['udp 5432', {IpProtocol: 'udp'}],
    ['all traffic', {IpProtocol: '-1', FromPort: -1, ToPort: -1}],
  ])('of a rule for %s, unless flags say so', async (traffic, difference) => {
    await withFakeEc2([{...postgresRule, ...difference}], async (fixture) => {
      await expectFailure(fixture.update, ip, {
        exit: 8,
        code: 'rule_other_ports',
        says: [`${ruleId} is for ${traffic}`, '5432', '--force'],
      })
      expect(changes(fixture)).toEqual([])
      expect(await fixture.update(['--ip', '198.51.100.7'])).toMatchObject({exitCode: 0})
      expect(await fixture.update([...ip, '--force'])).toMatchObject({exitCode: 0})
      expect(cidrs(fixture)).toEqual({[ruleId]: '203.0.113.9/32'})
    })
  })

  it('knows the ports of the targets', async () => {
    await withFakeEc2([{...postgresRule, FromPort: 6432, ToPort: 6432}], async ({update}) => {
      await expectFailure(update, ip, {exit: 8, code: 'rule_other_ports', says: ['(5432)']})
      const env = {PROD_CONNECTION_URL: 'postgres://u@db.example.com:6432/d', STAGING_CONNECTION_URL: 'nonsense'}
      expect(await update(ip, {env})).toMatchObject({exitCode: 0})
    })
  })

  it('changes no rule where one of several is for others', async () => {
    const wide = {...laptop, SecurityGroupRuleId: 'sgr-0bbb', FromPort: 6432, ToPort: 6432, CidrIpv4: '0.0.0.0/0'}
    await withFakeEc2([laptop, wide], async (fixture) => {
      const result = await fixture.update([...ip, ...mine, '--json'], byDescription)
      expect(json(result).error).toMatchObject({code: 'rule_wide', details: {ruleId: 'sgr-0bbb'}})
      expect(changes(fixture)).toEqual([])
    })
  })
})

describe('sg:update with two rules of one description', () => {
  const twin = {...laptop, SecurityGroupRuleId: 'sgr-0bbb', CidrIpv4: '198.51.100.8/32'}

  it.each(['203.0.113.9', '2001:db8::9'])('takes neither for %s, and names both', async (address) => {
    await withFakeEc2([laptop, twin], async (fixture) => {
      const result = await fixture.update(['--ip', address, ...mine, '--json'], byDescription)
      expect(json(result).error).toMatchObject({
        code: 'rule_ambiguous',
        exit_code: 8,
        message:
          '2 rules have the description "my laptop" for tcp 5432: sgr-0aaa (198.51.100.7/32), sgr-0bbb (198.51.100.8/32). Nothing was changed.',
        details: {ruleIds: ['sgr-0aaa', 'sgr-0bbb']},
      })
      expect(changes(fixture)).toEqual([])
    })
  })

  it('takes the one of the same IP version, and says so', async () => {
    const six = {...twin, CidrIpv4: undefined, CidrIpv6: '2001:db8::7/128'}
    await withFakeEc2([laptop, six], async (fixture) => {
      const result = await fixture.update(['--ip', '2001:db8::9', ...mine], byDescription)
      expect(result.stdout).toBe(`sgr-0bbb in ${groupId}: 2001:db8::7/128 → 2001:db8::9/128 (tcp 5432)`)
      expect(result.stderr).toContain('sgr-0aaa (198.51.100.7/32) has the same description and ports.')
      expect(cidrs(fixture)).toEqual({'sgr-0aaa': '198.51.100.7/32', 'sgr-0bbb': '2001:db8::9/128'})
    })
  })
})

describe('sg:update to the other IP version where the old rule cannot be removed', () => {
  const revoke = 'RevokeSecurityGroupIngress'

  it('takes the new rule back', async () => {
    await withFakeEc2([postgresRule], async (fixture) => {
      fixture.ec2.faults = [{action: revoke, times: 1, reply: forbidden}]
      await expectFailure(fixture.update, ['--ip', '2001:db8::9'], {
        exit: 8,
        code: 'aws_unauthorized',
        says: [`ec2:${revoke}`, 'The new rule sgr-0made1 was removed again, so nothing was changed.'],
      })
      expect(cidrs(fixture)).toEqual({[ruleId]: '198.51.100.7/32'})
    })
  })

  it('names the new rule, and the next runs use it: there is never one more', async () => {
    await withFakeEc2([postgresRule], async (fixture) => {
      fixture.ec2.faults = [{action: revoke, reply: forbidden}]
      for (const address of ['2001:db8::9', '2001:db8::a', '2001:db8::b', '2001:db8::b']) {
        const {error} = json(await fixture.update(['--ip', address, '--json']))
        expect(error).toMatchObject({
          code: 'aws_unauthorized',
          exit_code: 8,
          details: {ruleId, newRuleId: 'sgr-0made1', takenBack: false},
        })
        expect(error?.message).toContain(`the new rule sgr-0made1 (${address}/128)`)
        expect(cidrs(fixture)).toEqual({[ruleId]: '198.51.100.7/32', 'sgr-0made1': `${address}/128`})
      }

      fixture.ec2.faults = []
      const last = await fixture.update(['--ip', '2001:db8::c'])
      expect(last.stderr).toContain('sgr-0made1 has the same ports and description.')
      expect(last.stdout).toContain(`sgr-0made1 in ${groupId}: 198.51.100.7/32 → 2001:db8::c/128`)
      expect(cidrs(fixture)).toEqual({'sgr-0made1': '2001:db8::c/128'})
    })
  })

  it('takes no rule without a description for its own', async () => {
    const bare = {...postgresRule, Description: undefined}
    const other = {...bare, SecurityGroupRuleId: 'sgr-0bbb', CidrIpv4: undefined, CidrIpv6: '2001:db8::7/128'}
    await withFakeEc2([bare, other], async (fixture) => {
      await expectFailure(fixture.update, ['--ip', '2001:db8::9'], {
        exit: 8,
        code: 'rule_ambiguous',
        says: ['sgr-0bbb (2001:db8::7/128)', '--rule-id', 'Nothing was changed'],
      })
      expect(changes(fixture)).toEqual([])
      expect((await fixture.update(['--ip', '2001:db8::7'])).stdout).toContain(`sgr-0bbb in ${groupId}`)
      expect(cidrs(fixture)).toEqual({'sgr-0bbb': '2001:db8::7/128'})
    })
  })
})

describe('sg:update looks up what became of a change whose answer was lost', () => {
  const six = ['--ip', '2001:db8::9']

  it.each<[string, string[], number, Record<string, string>]>([
    ['ModifySecurityGroupRules', ip, 3, {[ruleId]: '203.0.113.9/32'}],
    ['AuthorizeSecurityGroupIngress', six, 1, {'sgr-0made1': '2001:db8::9/128'}],
    ['AuthorizeSecurityGroupIngress', six, 3, {'sgr-0made1': '2001:db8::9/128'}],
    ['RevokeSecurityGroupIngress', six, 1, {'sgr-0made1': '2001:db8::9/128'}],
    ['RevokeSecurityGroupIngress', six, 3, {'sgr-0made1': '2001:db8::9/128'}],
  ])('%s with %s, %i times', async (action, args, times, rules) => {
    await withFakeEc2([postgresRule], async (fixture) => {
      fixture.ec2.faults = [{action, times, reply: 'lost'}]
      expect(await fixture.update(args)).toMatchObject({exitCode: 0})
      expect(cidrs(fixture)).toEqual(rules)
    })
  })

  it('with --create too', async () => {
    await withFakeEc2([], async (fixture) => {
      fixture.ec2.faults = [{action: 'AuthorizeSecurityGroupIngress', times: 3, reply: 'lost'}]
      const result = await fixture.update([...ip, ...mine, '--create'], byDescription)
      expect(result).toMatchObject({
        exitCode: 0,
        stdout: `sgr-0made0 in ${groupId}: 203.0.113.9/32 (tcp 5432), created`,
      })
    })
  })

  it('and fails where it was not made', async () => {
    await withFakeEc2([postgresRule], async (fixture) => {
      for (const [action, args] of [
        ['ModifySecurityGroupRules', ip],
        ['AuthorizeSecurityGroupIngress', six],
        ['RevokeSecurityGroupIngress', six],
      ] as const) {
        fixture.ec2.faults = [{action, reply: 'cut'}]
        await expectFailure(fixture.update, [...args], {exit: 8, code: 'aws_unreachable', says: []})
      }

      expect(cidrs(fixture)).toEqual({[ruleId]: '198.51.100.7/32', 'sgr-0made1': '2001:db8::9/128'})
    })
  })
})
