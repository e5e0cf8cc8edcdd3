import {Flags, type Interfaces} from '@oclif/core'
import type {UpdateSecurityGroupOptions} from '../aws/update-security-group.js'

/** The flags of sg:update. None takes its default from the environment, because oclif would write it into the manifest. */
export const ruleFlags = {
  'group-id': Flags.string({description: 'The security group. Default: DB_SG_ID.', helpValue: 'sg-…'}),
  'rule-id': Flags.string({description: 'The rule to set. Default: DB_SG_RULE_ID.', helpValue: 'sgr-…'}),
  ip: Flags.string({
    description: 'The address to allow. Default: GITPOD_IP, then the address that a public service sees.',
    helpValue: 'address',
  }),
  'from-port': Flags.integer({
    description: 'The new first port of the rule.',
    helpValue: 'port',
    min: -1,
    max: 65_535,
  }),
  'to-port': Flags.integer({
    description: 'The new last port of the rule.',
    helpValue: 'port',
    min: -1,
    max: 65_535,
  }),
  protocol: Flags.string({
    description: 'The new protocol of the rule: tcp, udp, icmp, icmpv6, all or a number.',
    helpValue: 'name',
  }),
  description: Flags.string({
    description:
      'Without a rule id: set the rules with this description. With a rule id: the new description, empty for none.',
    helpValue: 'text',
  }),
  port: Flags.integer({
    description: 'With --description: set only the rule for this port. Can be given several times.',
    helpValue: 'port',
    min: 0,
    max: 65_535,
    multiple: true,
  }),
  create: Flags.boolean({
    description: 'With --description: create missing rules, for port 5432 by default.',
  }),
  force: Flags.boolean({
    description: 'Also set a rule that allows more than one address, or other ports than that of a database.',
  }),
  region: Flags.string({
    description: 'The AWS region. Default: AWS_REGION, then AWS_DEFAULT_REGION, then the region of the profile.',
    helpValue: 'name',
  }),
  'if-configured': Flags.boolean({
    description: 'If no security group is set, do nothing and print nothing. For start tasks.',
  }),
  'dry-run': Flags.boolean({
    char: 'n',
    description: 'Show the rule before and after, and change nothing.',
  }),
}

/** What the flags ask for. */
export function ruleOptionsOf(
  flags: Interfaces.InferredFlags<typeof ruleFlags>,
): Omit<UpdateSecurityGroupOptions, 'variables'> {
  const {'group-id': groupId, 'rule-id': ruleId, 'from-port': fromPort, 'to-port': toPort, 'dry-run': dryRun} = flags
  const {ip, port: ports, protocol, description, create, force, region} = flags
  return {groupId, ruleId, fromPort, toPort, dryRun, ip, ports, protocol, description, create, force, region}
}
