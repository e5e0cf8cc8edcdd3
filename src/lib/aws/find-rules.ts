import {AwsError} from '../errors.js'
import type {PublicAddress} from './address.js'
import {postgresPort} from './database-ports.js'
import type {Ec2} from './ec2.js'
import {
  type FoundRule,
  renderTraffic,
  type RuleChanges,
  type RuleState,
  sameFamily,
  sameTraffic,
  settableState,
} from './rule.js'

export interface RuleSearch {
  groupId: string
  description: string
  /** Only rules for exactly one of these ports; undefined means all rules. */
  ports?: number[]
  /** Whether rules may be missing, because they will be created. */
  create: boolean
  address: PublicAddress
}

/**
 * Finds the inbound rules of a group with that description whose source is an address. Of an IPv4 and an IPv6 rule for the
 * same ports, it takes the one with the same IP version as the address, and says so.
 * @throws AwsError (`rule_missing`, `rule_ambiguous`)
 */
export async function findRules(
  ec2: Ec2,
  {groupId, description, ports, create, address}: RuleSearch,
  progress: (line: string) => void,
): Promise<FoundRule[]> {
  const described: FoundRule[] = []
  for (const rule of await ec2.describeGroup(groupId)) {
    if (rule.egress || rule.description !== description || 'id' in rule.source) continue
    const state = settableState(rule, groupId)
    const {protocol, fromPort, toPort} = state
    if (ports !== undefined && !(protocol === 'tcp' && fromPort === toPort && ports.includes(fromPort))) continue
    described.push({ruleId: rule.ruleId, state})
  }

  const found = described
    .filter(({state}, index) => described.findIndex((other) => sameTraffic(other.state, state)) === index)
    .map(({state}) =>
      oneOf(
        described.filter((other) => sameTraffic(other.state, state)),
        address,
        progress,
      ),
    )
  const missing = (ports ?? []).filter((port) => !found.some(({state}) => state.fromPort === port))
  if (create || (found.length > 0 && missing.length === 0)) return found
  const forPorts = missing.length > 0 ? ` and port ${missing.join(', ')}` : ''
  throw new AwsError(
    `${groupId} has no inbound address rule with the description ${JSON.stringify(description)}${forPorts}. Nothing was changed.`,
    {
      code: 'rule_missing',
      next: ['To create it, add --create. Or correct the description, which must match exactly.'],
      details: {groupId, description, ports: missing},
    },
  )
}

/** The rule of that description and those ports for the address. */
function oneOf(alike: FoundRule[], address: PublicAddress, progress: (line: string) => void): FoundRule {
  const fitting = alike.filter(({state}) => sameFamily(state, address))
  const [rule, ...others] = fitting.length > 0 ? fitting : alike
  if (rule === undefined || others.length > 0) throw ambiguousRules(fitting.length > 0 ? fitting : alike)
  for (const {ruleId, state} of alike.filter((other) => other !== rule))
    progress(`${ruleId} (${state.cidr}) has the same description and ports. It is for the other IP version and stays.`)
  return rule
}

function ambiguousRules(alike: FoundRule[]): AwsError {
  const [first] = alike
  const each = alike.map(({ruleId, state}) => `${ruleId} (${state.cidr})`).join(', ')
  const what = `the description ${JSON.stringify(first?.state.description)} for ${first && renderTraffic(first.state)}`
  return new AwsError(`${alike.length} rules have ${what}: ${each}. Nothing was changed.`, {
    code: 'rule_ambiguous',
    next: ['Name one of them with --rule-id, or delete the others.'],
    details: {ruleIds: alike.map(({ruleId}) => ruleId)},
  })
}

/** The rules to create: one for each port without a rule, or one for port 5432 if no ports were given and no rule was found. */
export function newStates(
  found: FoundRule[],
  {
    address,
    description,
    ports,
    changes,
  }: {address: PublicAddress; description: string; ports?: number[]; changes: RuleChanges},
): RuleState[] {
  const {protocol = 'tcp', fromPort = postgresPort, toPort = fromPort} = changes
  const state = (from: number, to: number): RuleState => ({
    cidr: address.cidr,
    protocol,
    fromPort: from,
    toPort: to,
    description: description || null,
  })
  if (ports === undefined) return found.length > 0 ? [] : [state(fromPort, toPort)]
  return ports.filter((port) => !found.some((rule) => rule.state.fromPort === port)).map((port) => state(port, port))
}
