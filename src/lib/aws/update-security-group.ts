import {setTimeout as sleep} from 'node:timers/promises'
import {AwsError, UsageError} from '../errors.js'
import type {Variables} from '../targets/variables.js'
import type {PublicAddress} from './address.js'
import {type Ec2, withEc2} from './ec2.js'
import {findRules, type FoundRule, newStates} from './find-rules.js'
import {askPublicAddress, publicIpServices} from './public-ip.js'
import {
  changedState,
  checkChanges,
  type RuleChanges,
  type RuleState,
  sameFamily,
  sameState,
  settableState,
} from './rule.js'
import {givenAddress, type GivenPlace, resolvePlace, type RulePlace} from './settings.js'

/** What {@link updateSecurityGroup} takes: what was given, and the variables that stand in for what was not. */
export interface UpdateSecurityGroupOptions extends GivenPlace, RuleChanges {
  ip?: string
  /** Each port has a rule of its own; only where the rules are found by their description. */
  ports?: number[]
  /** Makes the rules that are not there. */
  create?: boolean
  /** Shows what would be done, and does not do it. */
  dryRun?: boolean
  variables: Variables
}

/** What became of one rule. */
export interface RuleOutcome {
  /** Undefined for one that a dry run would make. */
  ruleId?: string
  /** Undefined for one that was not there. */
  before?: RuleState
  after: RuleState
  /** True where the rule was changed or made: not where it was right already, and not in a dry run. */
  changed: boolean
  /** The rule that it stands in for and that is gone: AWS cannot turn IPv4 into IPv6. */
  replaced?: string
}

/** What `sg:update` found and did. */
export interface UpdateSecurityGroupResult {
  groupId: string
  region: string
  /** This machine's public address. */
  ip: string
  /** Where the address is from: `--ip`, `GITPOD_IP` (and its file), or the service's host. */
  ipSource: string
  rules: RuleOutcome[]
  dryRun: boolean
}

/** What AWS says of a rule lags behind what it was told; in milliseconds before each look, about 4 s in all. */
const readBackDelays = [0, 250, 500, 1000, 2000]

/** What the operation is given besides its options. */
export interface UpdateContext {
  /** Receives one status line a call. */
  progress: (line: string) => void
  signal: AbortSignal
}

/**
 * Sets rules of a security group to this machine's public address, and leaves the rest of them as it was or as asked:
 * the one of that id, else those of that description. Everything that can be known to be wrong is refused before AWS is
 * asked; what was set is read back.
 * @throws ConfigurationError, UsageError, ConnectionError (`public_ip_unknown`), AwsError (`rule_not_set`, …)
 */
export async function updateSecurityGroup(
  {variables, ip, dryRun = false, create = false, ports, ...given}: UpdateSecurityGroupOptions,
  {progress, signal}: UpdateContext,
  delays = readBackDelays,
): Promise<UpdateSecurityGroupResult> {
  const place = resolvePlace(given, Boolean(given.description), variables)
  const {groupId, ruleId} = place
  const changes = checkChanges(given)
  if (ruleId !== undefined && (create || ports !== undefined)) throw onlyByDescription()
  if (ports !== undefined && (changes.fromPort ?? changes.toPort) !== undefined) throw portsTwice()
  const {address, source} = givenAddress(ip, variables) ?? (await lookUp(variables, signal))
  progress(`Public address ${address.address}, from ${source}.`)
  return withEc2({region: place.region, signal}, async (ec2) => {
    const {description = ''} = changes
    const found =
      ruleId === undefined
        ? await findRules(ec2, {groupId, description, ports, create, address})
        : [await oneRule(ec2, {groupId, ruleId})]
    const work: Work = {ec2, groupId, address, delays, signal, dryRun}
    const rules: RuleOutcome[] = []
    for (const rule of found) rules.push(await setRule(rule, changedState(rule.state, address, changes), work))
    for (const state of ruleId === undefined && create
      ? newStates(found, {address, description, ports, changes})
      : []) {
      rules.push({ruleId: dryRun ? undefined : await ec2.createRule(groupId, state), after: state, changed: !dryRun})
    }

    return {groupId, region: ec2.region, ip: address.address, ipSource: source, rules, dryRun}
  })
}

function onlyByDescription(): UsageError {
  return new UsageError('--create and --port are for rules that are found by their description.', {
    code: 'rule_named_twice',
    next: [
      'Leave --rule-id out and unset DB_SG_RULE_ID, and give --description.',
      'To change the ports of one rule: --from-port, --to-port',
    ],
  })
}

function portsTwice(): UsageError {
  return new UsageError('--port names rules, and --from-port and --to-port change one.', {
    code: 'ports_malformed',
    next: ['Give the one or the others.'],
  })
}

async function lookUp(variables: Variables, signal: AbortSignal): Promise<{address: PublicAddress; source: string}> {
  const {address, service} = await askPublicAddress({services: publicIpServices(variables), signal})
  return {address, source: service}
}

async function oneRule(ec2: Ec2, {groupId, ruleId}: RulePlace): Promise<FoundRule> {
  return {ruleId, state: settableState(await ec2.describeRule(ruleId), groupId)}
}

interface Work {
  ec2: Ec2
  groupId: string
  address: PublicAddress
  delays: number[]
  signal: AbortSignal
  dryRun: boolean
}

/** Changes a rule; where the address is of the other family a new rule is made first, and then the old one removed. */
async function setRule({ruleId, state: before}: FoundRule, after: RuleState, work: Work): Promise<RuleOutcome> {
  const {ec2, groupId, dryRun} = work
  const changed = !dryRun && !sameState(before, after)
  if (!changed) return {ruleId, before, after, changed}
  if (sameFamily(before, after)) {
    await ec2.modifyRule({groupId, ruleId}, after)
    await readBack({groupId, ruleId}, after, work)
    return {ruleId, before, after, changed}
  }

  const made = await ec2.createRule(groupId, after)
  await ec2.removeRule({groupId, ruleId})
  return {ruleId: made, before, after, changed, replaced: ruleId}
}

async function readBack(place: RulePlace, wanted: RuleState, {ec2, delays, signal}: Work): Promise<void> {
  let found: RuleState | undefined
  for (const delay of delays) {
    await sleep(delay, undefined, {signal})
    found = (await oneRule(ec2, place)).state
    if (sameState(found, wanted)) return
  }

  throw new AwsError(`AWS took the change of ${place.ruleId}, but the rule is not what it was set to.`, {
    code: 'rule_not_set',
    next: ['Someone else may have changed it at the same time: run it again.'],
    details: {groupId: place.groupId, ruleId: place.ruleId, wanted, found},
  })
}
