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

export interface UpdateSecurityGroupOptions extends GivenPlace, RuleChanges {
  ip?: string
  /** One rule for each port. Only if the rules are found by their description. */
  ports?: number[]
  /** Creates missing rules. */
  create?: boolean
  /** Changes nothing. */
  dryRun?: boolean
  /** Supplies what is not set by flags. */
  variables: Variables
}

/** The outcome for one rule. */
export interface RuleOutcome {
  /** Undefined if a dry run would create the rule. */
  ruleId?: string
  /** Undefined if the rule did not exist. */
  before?: RuleState
  after: RuleState
  /** Whether the rule was changed or created. False if it was already right, and in a dry run. */
  changed: boolean
  /** The id of the removed rule that this one replaces, because AWS cannot change IPv4 to IPv6. */
  replaced?: string
}

export interface UpdateSecurityGroupResult {
  groupId: string
  region: string
  /** The public address of this machine. */
  ip: string
  /** The source of the address: `--ip`, `GITPOD_IP` (with its file), or the host of the service. */
  ipSource: string
  rules: RuleOutcome[]
  dryRun: boolean
}

/** Delays before each check of a changed rule, in milliseconds, because AWS shows changes late. */
const readBackDelays = [0, 250, 500, 1000, 2000]

export interface UpdateContext {
  /** Prints a status line. */
  progress: (line: string) => void
  signal: AbortSignal
}

/**
 * Sets rules of a security group to this machine's public address: the rule with that id, or the rules with that
 * description. Everything else in them is kept or changed as wanted. Wrong input is refused before the first request, and
 * each change is read back.
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
  return new UsageError(
    '--create and --port only work with --description, but a rule id is set. Nothing was changed.',
    {
      code: 'rule_named_twice',
      next: [
        'Omit --rule-id, unset DB_SG_RULE_ID, and use --description.',
        'To change the ports of one rule: --from-port and --to-port',
      ],
    },
  )
}

function portsTwice(): UsageError {
  return new UsageError('--port cannot be used with --from-port or --to-port. Nothing was changed.', {
    code: 'ports_malformed',
    next: ['Use --port to select rules, or --from-port and --to-port to change the ports of a rule.'],
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

/** Changes a rule. For another IP version it creates a new rule, then removes the old one. */
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

  throw new AwsError(`AWS accepted the change of ${place.ruleId}, but the rule has other values now.`, {
    code: 'rule_not_set',
    next: ['Someone else may have changed it at the same time. Run the command again.'],
    details: {groupId: place.groupId, ruleId: place.ruleId, wanted, found},
  })
}
