import {AwsError} from '../errors.js'
import type {PublicAddress} from './address.js'
import type {Ec2} from './ec2.js'
import {type RuleChanges, type RuleState, sameFamily, settableState} from './rule.js'

/** A rule that may be set to an address, as it is now. */
export interface FoundRule {
  ruleId: string
  state: RuleState
}

/** What {@link findRules} goes by. */
export interface RuleSearch {
  groupId: string
  description: string
  /** Only rules for just one of these ports; all where left out. */
  ports?: number[]
  /** Whether it may find none, since what is missing will be made. */
  create: boolean
  address: PublicAddress
}

const postgresPort = 5432

/**
 * Finds the inbound rules of a group that have that description and let in an address: a description is the only name
 * that a rule's maker chooses. Of two for the same ports the one of the address's family counts.
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
    `${groupId} has no inbound rule for an address with the description ${JSON.stringify(description)}${forPorts}.`,
    {
      code: 'rule_missing',
      next: ['Make it by adding --create, or correct the description: it has to be the same to the letter.'],
      details: {groupId, description, ports: missing},
    },
  )
}

/** The rules that are to be made: one for each port that has none, for Postgres's where no port was named and none is there. */
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
