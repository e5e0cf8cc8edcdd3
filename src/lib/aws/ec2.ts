import type {SecurityGroupRule as DescribedRule, EC2Client, SecurityGroupRuleRequest} from '@aws-sdk/client-ec2'
import {AwsError} from '../errors.js'
import {type AwsRequest, credentialsFailure, regionFailure, requestFailure} from './failures.js'
import type {RuleState, SecurityGroupRule} from './rule.js'
import {quietSdk} from './quiet.js'
import type {RulePlace} from './settings.js'

/** What this tool asks of EC2. Every method rejects with an AwsError in our own words. */
export interface Ec2 {
  /** The region that is asked, whoever named it. */
  region: string
  /** @throws AwsError (`rule_missing`, `aws_unauthorized`, …) */
  describeRule(ruleId: string): Promise<SecurityGroupRule>
  /**
   * Replaces the rule: AWS forgets every field that is not sent, so `state` is the whole of it.
   * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html
   */
  modifyRule(place: RulePlace, state: RuleState): Promise<void>
  /** Every rule of the group. @throws AwsError (`group_missing`, `aws_unauthorized`, …) */
  describeGroup(groupId: string): Promise<SecurityGroupRule[]>
  /** Adds a rule on what comes in, and gives its id. @throws AwsError (`rule_duplicate`, …) */
  createRule(groupId: string, state: RuleState): Promise<string>
  /** Takes a rule on what comes in away. */
  removeRule(place: RulePlace): Promise<void>
}

/** What {@link withEc2} takes. */
export interface Ec2Options {
  /** Undefined to let the SDK find it, in the profile say. */
  region: string | undefined
  signal: AbortSignal
}

/** An answer takes well under a second; these are for networks that swallow packets. The SDK tries three times. */
const timeouts = {connectionTimeout: 5000, requestTimeout: 10_000, throwOnRequestTimeout: true}

/**
 * Gives `use` an EC2 client with region and credentials found, from every place where the SDK looks for them, and
 * closes it. The SDK is loaded here, at first use: it takes longer to load than any other command takes to run.
 * @throws ConfigurationError (`region_missing`), AwsError (`aws_credentials_missing`)
 */
export async function withEc2<T>({region, signal}: Ec2Options, use: (ec2: Ec2) => Promise<T>): Promise<T> {
  quietSdk()
  const {EC2Client} = await import('./sdk.js')
  const client = new EC2Client({region, requestHandler: timeouts})
  try {
    const found = await client.config.region().catch((error: unknown) => Promise.reject(regionFailure(error)))
    await client.config.credentials().catch((error: unknown) => Promise.reject(credentialsFailure(error)))
    signal.throwIfAborted()
    return await use(ec2Of(client, found, signal))
  } finally {
    // An open connection would keep the process from ending.
    client.destroy()
  }
}

function ec2Of(client: EC2Client, region: string, signal: AbortSignal): Ec2 {
  return {
    region,
    ...groupMethods(client, region, signal),
    async describeRule(ruleId) {
      const {DescribeSecurityGroupRulesCommand} = await import('./sdk.js')
      // IAM knows no resource for this action but all of them.
      const request = {action: 'ec2:DescribeSecurityGroupRules', resources: ['*'], region, ruleId}
      const command = new DescribeSecurityGroupRulesCommand({SecurityGroupRuleIds: [ruleId]})
      const {SecurityGroupRules = []} = await asking(request, signal, () => client.send(command, {abortSignal: signal}))
      const rule = SecurityGroupRules.find(({SecurityGroupRuleId}) => SecurityGroupRuleId === ruleId)
      if (rule === undefined)
        throw requestFailure(Object.assign(new Error(), {name: 'InvalidSecurityGroupRuleId.NotFound'}), request)
      return readRule(rule, ruleId)
    },
    async modifyRule({groupId, ruleId}, state) {
      const {ModifySecurityGroupRulesCommand} = await import('./sdk.js')
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
      const {paginateDescribeSecurityGroupRules} = await import('./sdk.js')
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
      const {AuthorizeSecurityGroupIngressCommand} = await import('./sdk.js')
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
      return rule?.SecurityGroupRuleId ?? ''
    },
    async removeRule({groupId, ruleId}) {
      const {RevokeSecurityGroupIngressCommand} = await import('./sdk.js')
      const command = new RevokeSecurityGroupIngressCommand({GroupId: groupId, SecurityGroupRuleIds: [ruleId]})
      const request = {...onGroup('RevokeSecurityGroupIngress', groupId), ruleId}
      await asking(request, signal, () => client.send(command, {abortSignal: signal}))
    },
  }
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
  throw new AwsError(`AWS describes ${ruleId} without saying whom it lets in.`, {
    code: 'rule_unreadable',
    next: ['Look at it: aws ec2 describe-security-group-rules --security-group-rule-ids ' + ruleId],
    details: {ruleId},
  })
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
