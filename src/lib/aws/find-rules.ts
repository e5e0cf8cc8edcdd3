import {AwsError} from '../errors.js'
import type {PublicAddress} from './address.js'
import type {Ec2} from './ec2.js'
import {type RuleChanges, type RuleState, sameFamily, settableState} from './rule.js'

/** A rule with its current state. */
export interface FoundRule {
  ruleId: string
  state: RuleState
}

export interface RuleSearch {
  groupId: string
  description: string
  /** Only rules for exactly one of these ports; undefined means all rules. */
  ports?: number[]
  /** Whether rules may be missing, because they will be created. */
  create: boolean
  address: PublicAddress
}

const postgresPort = 5432

/**
 * Finds the inbound rules of a group with that description whose source is an address. If there are two for the same ports,
 * it takes the one with the same IP version as the address.
 * @throws AwsError (`rule_missing`)
 */
export async function findRules(
  ec2: Ec2,
  {groupId, description, ports, create, address}: RuleSearch,
): Promise<FoundRule[]> {
  const byTraffic = new Map<string, FoundRule>()
  for (const rule of await ec2.describeGroup(groupId)) {
    if (rule.egress || rule.description !== description || 'id' in rule.source) continue
    const state = settableState(rule, groupId)
    const {protocol, fromPort, toPort} = state
    if (ports !== undefined && !(protocol === 'tcp' && fromPort === toPort && ports.includes(fromPort))) continue
    const key = `${protocol} ${fromPort} ${toPort}`
    const known = byTraffic.get(key)
    if (known === undefined || (!sameFamily(known.state, address) && sameFamily(state, address)))
      byTraffic.set(key, {ruleId: rule.ruleId, state})
  }

  const found = [...byTraffic.values()]
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
