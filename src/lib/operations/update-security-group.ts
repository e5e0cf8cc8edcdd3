import {setTimeout as sleep} from 'node:timers/promises'
import type {PublicAddress} from '../aws/address.js'
import {type Ec2, withEc2} from '../aws/ec2.js'
import {askPublicAddress, publicIpServices} from '../aws/public-ip.js'
import {changedState, checkChanges, type RuleChanges, type RuleState, sameState, settableState} from '../aws/rule.js'
import {givenAddress, type GivenPlace, resolveRulePlace, type RulePlace} from '../aws/settings.js'
import {AwsError} from '../errors.js'
import type {Variables} from '../target/variables.js'
import type {OperationContext} from './context.js'

/** What {@link updateSecurityGroup} takes: what was given, and the variables that stand in for what was not. */
export interface UpdateSecurityGroupOptions extends GivenPlace, RuleChanges {
  ip?: string
  /** Shows what would be done, and does not do it. */
  dryRun?: boolean
  variables: Variables
}

/** What `sg:update` found and did. */
export interface UpdateSecurityGroupResult {
  groupId: string
  ruleId: string
  region: string
  /** This machine's public address. */
  ip: string
  /** Where the address is from: `--ip`, `GITPOD_IP` (and its file), or the service's host. */
  ipSource: string
  before: RuleState
  after: RuleState
  /** True where the rule was changed: not where it was right already, and not in a dry run. */
  changed: boolean
  dryRun: boolean
}

/** What AWS says of a rule lags behind what it was told; in milliseconds before each look, about 4 s in all. */
const readBackDelays = [0, 250, 500, 1000, 2000]

/**
 * Sets one rule of a security group to this machine's public address, and leaves the rest of it as it was or as
 * asked. Everything that can be known to be wrong is refused before AWS is asked; what was set is read back.
 * @throws ConfigurationError, UsageError, ConnectionError (`public_ip_unknown`), AwsError (`rule_not_set`, …)
 */
export async function updateSecurityGroup(
  {variables, ip, dryRun = false, ...given}: UpdateSecurityGroupOptions,
  {progress, signal}: Pick<OperationContext, 'progress' | 'signal'>,
  delays = readBackDelays,
): Promise<UpdateSecurityGroupResult> {
  const place = resolveRulePlace(given, variables)
  const changes = checkChanges(given)
  const {address, source} = givenAddress(ip, variables) ?? (await lookUp(variables, signal))
  progress(`Public address ${address.address}, from ${source}.`)
  return withEc2({region: place.region, signal}, async (ec2) => {
    const before = await readState(ec2, place, address)
    const after = changedState(before, address, changes)
    const changed = !dryRun && !sameState(before, after)
    if (changed) {
      await ec2.modifyRule(place, after)
      await readBack({ec2, place, address, wanted: after, delays, signal})
    }

    const {groupId, ruleId} = place
    return {groupId, ruleId, region: ec2.region, ip: address.address, ipSource: source, before, after, changed, dryRun}
  })
}

async function lookUp(variables: Variables, signal: AbortSignal): Promise<{address: PublicAddress; source: string}> {
  const {address, service} = await askPublicAddress({services: publicIpServices(variables), signal})
  return {address, source: service}
}

async function readState(ec2: Ec2, place: RulePlace, address: PublicAddress): Promise<RuleState> {
  return settableState(await ec2.describeRule(place.ruleId), place, address)
}

interface ReadBack {
  ec2: Ec2
  place: RulePlace
  address: PublicAddress
  wanted: RuleState
  delays: number[]
  signal: AbortSignal
}

async function readBack({ec2, place, address, wanted, delays, signal}: ReadBack): Promise<void> {
  let found: RuleState | undefined
  for (const delay of delays) {
    await sleep(delay, undefined, {signal})
    found = await readState(ec2, place, address)
    if (sameState(found, wanted)) return
  }

  throw new AwsError(`AWS took the change of ${place.ruleId}, but the rule is not what it was set to.`, {
    code: 'rule_not_set',
    next: ['Someone else may have changed it at the same time: run it again.'],
    details: {groupId: place.groupId, ruleId: place.ruleId, wanted, found},
  })
}
