import type {SecurityGroupRule as DescribedRule, EC2Client, SecurityGroupRuleRequest} from '@aws-sdk/client-ec2'
import {AwsError} from '../errors.js'
import {type AwsRequest, credentialsFailure, regionFailure, requestFailure} from './failures.js'
import {quietSdk} from './quiet.js'
import type {RuleState, SecurityGroupRule} from './rule.js'
import type {RulePlace} from './settings.js'

/** The EC2 requests that this program needs. Each method rejects with an AwsError. */
export interface Ec2 {
  /** The region in use. */
  region: string
  /** @throws AwsError (`rule_missing`, `aws_unauthorized`, …) */
  describeRule(ruleId: string): Promise<SecurityGroupRule>
  /**
   * Replaces the rule. `state` must be complete, because AWS clears fields that are not sent
   * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html).
   */
  modifyRule(place: RulePlace, state: RuleState): Promise<void>
  /** All rules of the group. @throws AwsError (`group_missing`, `aws_unauthorized`, …) */
  describeGroup(groupId: string): Promise<SecurityGroupRule[]>
  /** Adds an inbound rule and returns its id. @throws AwsError (`rule_duplicate`, …) */
  createRule(groupId: string, state: RuleState): Promise<string>
  /** Removes an inbound rule. */
  removeRule(place: RulePlace): Promise<void>
}

export interface Ec2Options {
  /** Undefined if the SDK should find it, for example in the profile. */
  region: string | undefined
  signal: AbortSignal
}

/** For networks that drop packets, because EC2 answers in less than a second. The SDK tries three times. */
const timeouts = {connectionTimeout: 5000, requestTimeout: 10_000, throwOnRequestTimeout: true}

/**
 * Calls `use` with an EC2 client, after the SDK has found region and credentials, and closes it. The SDK is loaded here,
 * because that takes longer than most commands.
 * @throws ConfigurationError (`region_missing`), AwsError (`aws_credentials_missing`)
 */
export async function withEc2<T>({region, signal}: Ec2Options, use: (ec2: Ec2) => Promise<T>): Promise<T> {
  quietSdk()
  const {EC2Client} = await import('./sdk-ec2.js')
  const client = new EC2Client({region, requestHandler: timeouts})
  try {
    const found = await client.config.region().catch((error: unknown) => Promise.reject(regionFailure(error)))
    await client.config.credentials().catch((error: unknown) => Promise.reject(credentialsFailure(error)))
    signal.throwIfAborted()
    return await use(ec2Of(client, found, signal))
  } finally {
    // An open connection would prevent the process from ending.
    client.destroy()
  }
}

function ec2Of(client: EC2Client, region: string, signal: AbortSignal): Ec2 {
  return {
    region,
    ...groupMethods(client, region, signal),
    async describeRule(ruleId) {
      const {DescribeSecurityGroupRulesCommand} = await import('./sdk-ec2.js')
      // In IAM, this action only works with the resource "*".
      const request = {action: 'ec2:DescribeSecurityGroupRules', resources: ['*'], region, ruleId}
      const command = new DescribeSecurityGroupRulesCommand({SecurityGroupRuleIds: [ruleId]})
      const {SecurityGroupRules = []} = await asking(request, signal, () => client.send(command, {abortSignal: signal}))
      const rule = SecurityGroupRules.find(({SecurityGroupRuleId}) => SecurityGroupRuleId === ruleId)
      if (rule === undefined)
        throw requestFailure(Object.assign(new Error(), {name: 'InvalidSecurityGroupRuleId.NotFound'}), request)
      return readRule(rule, ruleId)
    },
    async modifyRule({groupId, ruleId}, state) {
      const {ModifySecurityGroupRulesCommand} = await import('./sdk-ec2.js')
      const arn = `arn:${partitionOf(region)}:ec2:${region}:*:`
      const resources = [`${arn}security-group/${groupId}`, `${arn}security-group-rule/${ruleId}`]
      const request = {action: 'ec2:ModifySecurityGroupRules', resources, region, groupId, ruleId}
      const command = new ModifySecurityGroupRulesCommand({
        GroupId: groupId,
        SecurityGroupRules: [{SecurityGroupRuleId: ruleId, SecurityGroupRule: requestOf(state)}],
      })
      await asking(request, signal, () => client.send(command, {abortSignal: signal}))
    },
  }
}

type GroupMethods = Pick<Ec2, 'describeGroup' | 'createRule' | 'removeRule'>

function groupMethods(client: EC2Client, region: string, signal: AbortSignal): GroupMethods {
  const onGroup = (action: string, groupId: string): AwsRequest => ({
    action: `ec2:${action}`,
    resources: [`arn:${partitionOf(region)}:ec2:${region}:*:security-group/${groupId}`],
    ...{region, groupId},
  })
  return {
    async describeGroup(groupId) {
      const {paginateDescribeSecurityGroupRules} = await import('./sdk-ec2.js')
      const request = {action: 'ec2:DescribeSecurityGroupRules', resources: ['*'], region, groupId}
      const pages = paginateDescribeSecurityGroupRules(
        {client},
        {Filters: [{Name: 'group-id', Values: [groupId]}]},
        {abortSignal: signal},
      )
      return asking(request, signal, async () => {
        const rules: SecurityGroupRule[] = []
        for await (const {SecurityGroupRules = []} of pages) {
          rules.push(...SecurityGroupRules.map((rule) => readRule(rule, rule.SecurityGroupRuleId ?? '')))
        }

        return rules
      })
    },
    async createRule(groupId, {cidr, protocol, fromPort, toPort, description}) {
      const {AuthorizeSecurityGroupIngressCommand} = await import('./sdk-ec2.js')
      const Description = description ?? undefined
      const network = cidr.includes(':')
        ? {Ipv6Ranges: [{CidrIpv6: cidr, Description}]}
        : {IpRanges: [{CidrIp: cidr, Description}]}
      const IpPermissions = [{IpProtocol: protocol, FromPort: fromPort, ToPort: toPort, ...network}]
      const command = new AuthorizeSecurityGroupIngressCommand({GroupId: groupId, IpPermissions})
      const request = onGroup('AuthorizeSecurityGroupIngress', groupId)
      const {SecurityGroupRules: [rule] = []} = await asking(request, signal, () =>
        client.send(command, {abortSignal: signal}),
      )
      return rule?.SecurityGroupRuleId ?? Promise.reject(idMissing(groupId))
    },
    async removeRule({groupId, ruleId}) {
      const {RevokeSecurityGroupIngressCommand} = await import('./sdk-ec2.js')
      const command = new RevokeSecurityGroupIngressCommand({GroupId: groupId, SecurityGroupRuleIds: [ruleId]})
      const request = {...onGroup('RevokeSecurityGroupIngress', groupId), ruleId}
      await asking(request, signal, () => client.send(command, {abortSignal: signal}))
    },
  }
}

/** Its code is that of a lost answer, so that the rule is looked up. */
function idMissing(groupId: string): AwsError {
  return new AwsError(`AWS did not return the id of the rule that it added to ${groupId}.`, {
    code: 'aws_unavailable',
    next: ['Check the rules of the group in the EC2 console.'],
    details: {groupId},
  })
}

async function asking<T>(request: AwsRequest, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (error) {
    signal.throwIfAborted()
    throw requestFailure(error, request)
  }
}

function requestOf({cidr, protocol, fromPort, toPort, description}: RuleState): SecurityGroupRuleRequest {
  const network = cidr.includes(':') ? {CidrIpv6: cidr} : {CidrIpv4: cidr}
  return {...network, IpProtocol: protocol, FromPort: fromPort, ToPort: toPort, Description: description ?? undefined}
}

function readRule(rule: DescribedRule, ruleId: string): SecurityGroupRule {
  return {
    ruleId,
    groupId: rule.GroupId ?? '',
    egress: rule.IsEgress ?? false,
    source: sourceOf(rule, ruleId),
    protocol: rule.IpProtocol ?? '-1',
    fromPort: rule.FromPort ?? -1,
    toPort: rule.ToPort ?? -1,
    description: rule.Description || null,
  }
}

function sourceOf(
  {CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo}: DescribedRule,
  ruleId: string,
): SecurityGroupRule['source'] {
  if (CidrIpv4 !== undefined) return {kind: 'ipv4', cidr: CidrIpv4}
  if (CidrIpv6 !== undefined) return {kind: 'ipv6', cidr: CidrIpv6}
  if (PrefixListId !== undefined) return {kind: 'prefixList', id: PrefixListId}
  if (ReferencedGroupInfo?.GroupId !== undefined) return {kind: 'group', id: ReferencedGroupInfo.GroupId}
  throw new AwsError(`AWS returned ${ruleId} without its source. Nothing was changed.`, {
    code: 'rule_unreadable',
    next: ['To see it: aws ec2 describe-security-group-rules --security-group-rule-ids ' + ruleId],
    details: {ruleId},
  })
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
