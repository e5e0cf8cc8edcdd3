import {describe, expect, it} from 'vitest'
import {expectFailure, ids, postgresRule, secrets, signatureComplaint, withFakeEc2} from '../support/aws.js'
import {json} from '../support/cli.js'
import type {Fault} from '../support/ec2-endpoint.js'

const {groupId, ruleId} = ids
const ip = ['--ip', '203.0.113.9']

describe('sg:update exits with 8 when AWS', () => {
  it.each<[string, Fault['reply'], string, string[]]>([
    [
      'does not know the credentials',
      {status: 401, code: 'AuthFailure'},
      'aws_credentials_refused',
      ['AWS_SECRET_ACCESS_KEY', 'aws sts get-caller-identity'],
    ],
    [
      'finds the signature wrong',
      {status: 403, code: 'SignatureDoesNotMatch', message: signatureComplaint},
      'aws_credentials_refused',
      ['AWS does not accept these credentials.'],
    ],
    [
      'finds them expired',
      {status: 400, code: 'RequestExpired'},
      'aws_credentials_expired',
      ['have expired', 'aws sso login'],
    ],
    [
      'forbids the describing',
      {status: 403, code: 'UnauthorizedOperation', message: secrets.token},
      'aws_unauthorized',
      ['action ec2:DescribeSecurityGroupRules, resource *'],
    ],
    [
      'knows no such rule',
      {status: 400, code: 'InvalidSecurityGroupRuleId.NotFound'},
      'rule_missing',
      [`The security-group rule ${ruleId} does not exist in eu-central-1.`, 'DB_SG_RULE_ID'],
    ],
    ['throttles and does not stop', {status: 503, code: 'RequestLimitExceeded'}, 'aws_throttled', ['Wait a minute']],
    ['is out of order', {status: 500, code: 'InternalError'}, 'aws_unavailable', ['status 500']],
    [
      'has a complaint of a parameter',
      {status: 400, code: 'InvalidParameterValue', message: 'Value (x) is\n invalid.'},
      'aws_refused',
      ['InvalidParameterValue: Value (x) is invalid.'],
    ],
    [
      'has any other complaint',
      {status: 400, code: 'OptInRequired', message: signatureComplaint},
      'aws_refused',
      ['with OptInRequired.'],
    ],
    ['is not AWS at all', {status: 200, body: '<html><p>Log in</html>'}, 'aws_answer_unreadable', ['AWS_ENDPOINT_URL']],
    ['cuts every connection', 'cut', 'aws_unreachable', ['could not be reached (ECONNRESET)']],
  ])('%s', async (_, reply, code, says) => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      ec2.faults = [{reply}]
      await expectFailure(update, ip, {exit: 8, code, says})
      expect(ec2.rules.get(ruleId)).toBe(postgresRule)
    })
  })

  it('forbids the change, and names the resources that have to be allowed', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      ec2.faults = [{action: 'ModifySecurityGroupRules', reply: {status: 403, code: 'UnauthorizedOperation'}}]
      const says = [
        'ec2:ModifySecurityGroupRules',
        `arn:aws:ec2:eu-central-1:*:security-group/${groupId}`,
        `arn:aws:ec2:eu-central-1:*:security-group-rule/${ruleId}`,
      ]
      await expectFailure(update, ip, {exit: 8, code: 'aws_unauthorized', says})
    })
  })

  it('has such a rule already', async () => {
    await withFakeEc2(
      [postgresRule, {...postgresRule, SecurityGroupRuleId: 'sgr-1', CidrIpv4: '203.0.113.9/32'}],
      async ({update}) => {
        await expectFailure(update, ip, {exit: 8, code: 'rule_duplicate', says: ['already has another rule']})
      },
    )
  })

  it('takes the change and does not make it', async () => {
    await withFakeEc2([postgresRule], async ({ec2, update}) => {
      ec2.faults = [{action: 'ModifySecurityGroupRules', reply: 'ignore'}]
      const result = await update([...ip, '--json'])
      expect(result.exitCode).toBe(8)
      expect(json(result).error).toMatchObject({
        code: 'rule_not_set',
        details: {wanted: {cidr: '203.0.113.9/32'}, found: {cidr: '198.51.100.7/32'}},
      })
    })
  })

  it('is not there', async () => {
    await withFakeEc2([postgresRule], async ({update}) => {
      await expectFailure(
        update,
        ip,
        {exit: 8, code: 'aws_unreachable', says: ['could not be reached (ECONNREFUSED)']},
        {AWS_ENDPOINT_URL: 'http://127.0.0.1:2'},
      )
    })
  })
})
