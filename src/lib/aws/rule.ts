import {AwsError, UsageError} from '../errors.js'
import type {PublicAddress} from './address.js'

/** What a rule lets in; everything of it that can be set, so that setting a part loses nothing. */
export interface RuleState {
  /** Who is let in: an IPv4 or IPv6 network. */
  cidr: string
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol's number, or `-1` for all. */
  protocol: string
  /** The first port, or the ICMP type; -1 for all. */
  fromPort: number
  /** The last port, or the ICMP code; -1 for all. */
  toPort: number
  description: string | null
}

/** A rule as AWS describes it. Exactly one of `source`'s kinds is what a rule has. */
export interface SecurityGroupRule extends Omit<RuleState, 'cidr'> {
  ruleId: string
  groupId: string
  /** True for a rule on what goes out. */
  egress: boolean
  source: {kind: 'ipv4' | 'ipv6'; cidr: string} | {kind: 'group' | 'prefixList'; id: string}
}

/** What is to become different beside the address; what is undefined stays. */
export interface RuleChanges {
  protocol?: string
  fromPort?: number
  toPort?: number
  /** Empty to have none. */
  description?: string
}

/** Numbers that AWS answers with a name for (https://www.iana.org/assignments/protocol-numbers), and its own `all`. */
const protocolNames = new Map([
  ['all', '-1'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['1', 'icmp'],
  ['58', 'icmpv6'],
])
const namedProtocols = ['tcp', 'udp', 'icmp', 'icmpv6', '-1']

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleRequest.html */
const descriptionPattern = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/

/**
 * Refuses what AWS would refuse whatever the rule is like now, and gives the protocol the name that AWS has for it.
 * @throws UsageError (`protocol_unknown`, `ports_malformed`, `description_refused`)
 */
export function checkChanges({protocol, fromPort, toPort, description}: RuleChanges): RuleChanges {
  if (description !== undefined && !descriptionPattern.test(description)) {
    throw new UsageError('AWS does not take that description.', {
      code: 'description_refused',
      next: ['Use up to 255 letters (a to z), digits, spaces and ._-:/()#,@[]+=&;{}!$*'],
    })
  }

  if (fromPort !== undefined && toPort !== undefined && fromPort > toPort && !protocol?.startsWith('icmp')) {
    throw new UsageError(`--from-port ${fromPort} is above --to-port ${toPort}.`, {
      code: 'ports_malformed',
      next: ['Give the lower port as --from-port; for one port give it twice.'],
    })
  }

  return {protocol: protocol === undefined ? undefined : checkProtocol(protocol), fromPort, toPort, description}
}

function checkProtocol(text: string): string {
  const lower = text.trim().toLowerCase()
  const name = protocolNames.get(lower) ?? lower
  if (namedProtocols.includes(name) || (/^\d{1,3}$/.test(name) && Number(name) <= 255)) return name
  throw new UsageError(`There is no protocol ${JSON.stringify(text.slice(0, 60))}.`, {
    code: 'protocol_unknown',
    next: ['Give tcp, udp, icmp, icmpv6, all, or a number from 0 to 255.'],
  })
}

/**
 * The rule as it can be set to another address, if it is one that may be: on what comes in, of this group, by address.
 * Anything else was made for another purpose, and is left alone.
 * @throws AwsError (`rule_of_other_group`, `rule_is_egress`, `rule_without_cidr`)
 */
export function settableState(rule: SecurityGroupRule, groupId: string): RuleState {
  const {ruleId, source, protocol, fromPort, toPort, description} = rule
  const refuse = (code: string, message: string, ...next: string[]): AwsError =>
    new AwsError(message, {code, next, details: {ruleId, groupId: rule.groupId}})
  if (rule.groupId !== groupId) {
    throw refuse(
      'rule_of_other_group',
      `${ruleId} is a rule of ${rule.groupId}, not of ${groupId}.`,
      'Check DB_SG_ID and DB_SG_RULE_ID (or --group-id and --rule-id): they have to belong together.',
    )
  }

  if (rule.egress) {
    throw refuse(
      'rule_is_egress',
      `${ruleId} is a rule on what goes out, so no one would be let in by it.`,
      'Name an inbound rule: cruddur-db sg:update --rule-id sgr-…',
    )
  }

  if ('id' in source) {
    const what = source.kind === 'group' ? 'security group' : 'prefix list'
    throw refuse(
      'rule_without_cidr',
      `${ruleId} lets in the ${what} ${source.id}, not an address, and was left as it is.`,
      'Name a rule whose source is an address: cruddur-db sg:update --rule-id sgr-…',
    )
  }

  return {cidr: source.cidr, protocol, fromPort, toPort, description}
}

/**
 * The rule as it is to be: `current` with another address and with the changes that were asked for.
 * @throws UsageError (`ports_missing`, `ports_malformed`)
 */
export function changedState(current: RuleState, {cidr}: PublicAddress, changes: RuleChanges): RuleState {
  const protocol = changes.protocol ?? current.protocol
  const description = changes.description === undefined ? current.description : changes.description || null
  const described = {cidr, protocol, description}
  if (protocol === '-1' && changes.fromPort === undefined && changes.toPort === undefined)
    return {...described, fromPort: -1, toPort: -1}
  const fromPort = changes.fromPort ?? current.fromPort
  const toPort = changes.toPort ?? current.toPort
  if (protocol === '-1' && (fromPort !== -1 || toPort !== -1)) {
    throw new UsageError('A rule for all protocols is for all ports too.', {
      code: 'ports_malformed',
      next: ['Leave --from-port and --to-port out, or give --protocol tcp.'],
    })
  }

  if (protocol === 'tcp' || protocol === 'udp') checkPorts(protocol, fromPort, toPort)
  return {...described, fromPort, toPort}
}

function checkPorts(protocol: string, fromPort: number, toPort: number): void {
  if (fromPort < 0 || toPort < 0) {
    throw new UsageError(`A rule for ${protocol} needs its ports.`, {
      code: 'ports_missing',
      next: ['Give both, for Postgres: --from-port 5432 --to-port 5432'],
    })
  }

  if (fromPort > toPort) {
    throw new UsageError(`The ports ${fromPort} to ${toPort} are no range.`, {
      code: 'ports_malformed',
      next: ['Give both --from-port and --to-port.'],
    })
  }
}

/** Whether two states are the same in all that can be set. */
export function sameState(one: RuleState, other: RuleState): boolean {
  const fields = ['cidr', 'protocol', 'fromPort', 'toPort', 'description'] as const
  return fields.every((field) => one[field] === other[field])
}

/** Whether AWS can turn one into the other: a rule stays one for IPv4, or for IPv6. */
export function sameFamily({cidr}: {cidr: string}, other: {cidr: string}): boolean {
  return cidr.includes(':') === other.cidr.includes(':')
}
