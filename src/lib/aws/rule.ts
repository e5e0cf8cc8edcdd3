import {AwsError, UsageError} from '../errors.js'
import type {PublicAddress} from './address.js'

/** Everything in a rule that can be set, so that changing one part keeps the others. */
export interface RuleState {
  /** The allowed IPv4 or IPv6 network. */
  cidr: string
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all. */
  protocol: string
  /** The first port, or the ICMP type; -1 for all. */
  fromPort: number
  /** The last port, or the ICMP code; -1 for all. */
  toPort: number
  description: string | null
}

/** A rule with its current state. */
export interface FoundRule {
  ruleId: string
  state: RuleState
}

/** A rule as AWS describes it. */
export interface SecurityGroupRule extends Omit<RuleState, 'cidr'> {
  ruleId: string
  groupId: string
  /** Whether it is an outbound rule. */
  egress: boolean
  source: {kind: 'ipv4' | 'ipv6'; cidr: string} | {kind: 'group' | 'prefixList'; id: string}
}

/** Changes in addition to the address. Undefined fields are kept. */
export interface RuleChanges {
  protocol?: string
  fromPort?: number
  toPort?: number
  /** Empty removes the description. */
  description?: string
}

/** Numbers for which AWS returns names (https://www.iana.org/assignments/protocol-numbers), and `all`. */
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
 * Refuses values that AWS would always refuse, and converts the protocol to AWS's name.
 * @throws UsageError (`protocol_unknown`, `ports_malformed`, `description_refused`)
 */
export function checkChanges({protocol, fromPort, toPort, description}: RuleChanges): RuleChanges {
  if (description !== undefined && !descriptionPattern.test(description)) {
    throw new UsageError('AWS does not accept this description. Nothing was changed.', {
      code: 'description_refused',
      next: ['Use at most 255 characters: letters (a to z), digits, spaces and ._-:/()#,@[]+=&;{}!$*'],
    })
  }

  if (fromPort !== undefined && toPort !== undefined && fromPort > toPort && !protocol?.startsWith('icmp')) {
    throw new UsageError(`--from-port ${fromPort} is greater than --to-port ${toPort}. Nothing was changed.`, {
      code: 'ports_malformed',
      next: ['Use --from-port for the lower port. For a single port, set both to it.'],
    })
  }

  return {protocol: protocol === undefined ? undefined : checkProtocol(protocol), fromPort, toPort, description}
}

function checkProtocol(text: string): string {
  const lower = text.trim().toLowerCase()
  const name = protocolNames.get(lower) ?? lower
  if (namedProtocols.includes(name) || (/^\d{1,3}$/.test(name) && Number(name) <= 255)) return name
  throw new UsageError(`Unknown protocol ${JSON.stringify(text.slice(0, 60))}. Nothing was changed.`, {
    code: 'protocol_unknown',
    next: ['Use tcp, udp, icmp, icmpv6, all, or a number from 0 to 255.'],
  })
}

/**
 * The state of a rule that can be set to another address: an inbound rule of this group with an address. Other rules are
 * refused, because they have another purpose.
 * @throws AwsError (`rule_of_other_group`, `rule_is_egress`, `rule_without_cidr`)
 */
export function settableState(rule: SecurityGroupRule, groupId: string): RuleState {
  const {ruleId, source, protocol, fromPort, toPort, description} = rule
  const refuse = (code: string, message: string, ...next: string[]): AwsError =>
    new AwsError(message, {code, next, details: {ruleId, groupId: rule.groupId}})
  if (rule.groupId !== groupId) {
    throw refuse(
      'rule_of_other_group',
      `${ruleId} is a rule of ${rule.groupId}, not of ${groupId}. Nothing was changed.`,
      'Check that DB_SG_ID and DB_SG_RULE_ID (or --group-id and --rule-id) belong together.',
    )
  }

  if (rule.egress) {
    throw refuse(
      'rule_is_egress',
      `${ruleId} is an outbound rule, which cannot allow connections to the database. Nothing was changed.`,
    )
  }

  if ('id' in source) {
    const what = source.kind === 'group' ? 'security group' : 'prefix list'
    throw refuse('rule_without_cidr', `${ruleId} allows the ${what} ${source.id}, not an address. Nothing was changed.`)
  }

  return {cidr: source.cidr, protocol, fromPort, toPort, description}
}

/**
 * The new state of a rule: `current` with the address and the changes.
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
    throw new UsageError('A rule for all protocols cannot have ports. Nothing was changed.', {
      code: 'ports_malformed',
      next: ['Omit --from-port and --to-port, or use --protocol tcp.'],
    })
  }

  if (protocol === 'tcp' || protocol === 'udp') checkPorts(protocol, fromPort, toPort)
  return {...described, fromPort, toPort}
}

function checkPorts(protocol: string, fromPort: number, toPort: number): void {
  if (fromPort < 0 || toPort < 0) {
    throw new UsageError(`A rule for ${protocol} needs ports. Nothing was changed.`, {
      code: 'ports_missing',
      next: ['Set both. For Postgres: --from-port 5432 --to-port 5432'],
    })
  }

  if (fromPort > toPort) {
    throw new UsageError(`The ports ${fromPort} to ${toPort} are not a valid range. Nothing was changed.`, {
      code: 'ports_malformed',
      next: ['Set both --from-port and --to-port.'],
    })
  }
}

export function sameState(one: RuleState, other: RuleState): boolean {
  const fields = ['cidr', 'protocol', 'fromPort', 'toPort', 'description'] as const
  return fields.every((field) => one[field] === other[field])
}

/** Whether both have the same IP version, because AWS cannot change the version of a rule. */
export function sameFamily({cidr}: {cidr: string}, other: {cidr: string}): boolean {
  return cidr.includes(':') === other.cidr.includes(':')
}

/** Whether both are for the same protocol and ports. */
export function sameTraffic(one: RuleState, other: RuleState): boolean {
  return one.protocol === other.protocol && one.fromPort === other.fromPort && one.toPort === other.toPort
}

/** Whether the rule allows only one address. Such a rule is for one machine; others let a network in. */
export function allowsOneAddress({cidr}: RuleState): boolean {
  return cidr.endsWith(cidr.includes(':') ? '/128' : '/32')
}

/** `tcp 5432`, `tcp 5432-5440`, `all traffic`. */
export function renderTraffic({protocol, fromPort, toPort}: RuleState): string {
  if (protocol === '-1') return 'all traffic'
  if (fromPort === -1) return protocol
  return `${protocol} ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`}`
}

/**
 * Refuses to narrow a rule that lets others in too.
 * @throws AwsError (`rule_wide`)
 */
export function refuseWide({ruleId, state}: FoundRule, after: RuleState): void {
  if (allowsOneAddress(state)) return
  throw new AwsError(
    `${ruleId} allows ${state.cidr}, which is more than one address. Set to ${after.cidr}, it would lock the others out. Nothing was changed.`,
    {
      code: 'rule_wide',
      next: [
        'Use a rule for this machine alone. To create one: --description "my laptop" --create, without a rule id',
        'To set this rule anyway, set it once with --force.',
      ],
      details: {ruleId, cidr: state.cidr},
    },
  )
}

/**
 * Refuses to set the address of a rule for something else than a database, unless flags say what its ports should be.
 * @throws AwsError (`rule_other_ports`)
 */
export function refuseOtherPorts(
  {ruleId, state}: FoundRule,
  after: RuleState,
  {protocol, fromPort, toPort}: RuleChanges,
  ports: readonly number[],
): void {
  if (state.cidr === after.cidr || [protocol, fromPort, toPort].some((given) => given !== undefined)) return
  if (state.protocol === 'tcp' && state.fromPort === state.toPort && ports.includes(state.fromPort)) return
  throw new AwsError(
    `${ruleId} is for ${renderTraffic(state)}, not only for the port of a database (${ports.join(', ')}). Nothing was changed.`,
    {
      code: 'rule_other_ports',
      next: [
        'Use a rule for the port of the database.',
        'To set this rule anyway, set it once with --force, or with its --from-port and --to-port.',
      ],
      details: {ruleId, protocol: state.protocol, fromPort: state.fromPort, toPort: state.toPort, ports},
    },
  )
}
