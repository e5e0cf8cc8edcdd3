import {UsageError} from '../errors.js'
import type {Variables} from '../targets/variables.js'
import type {PublicAddress} from './address.js'
import {databasePorts} from './database-ports.js'
import {withEc2} from './ec2.js'
import {findRules, newStates} from './find-rules.js'
import {askPublicAddress, publicIpServices} from './public-ip.js'
import {changedState, checkChanges, refuseOtherPorts, refuseWide, type RuleChanges} from './rule.js'
import {createRule, oneRule, type RuleOutcome, setRule, type RuleWork} from './set-rule.js'
import {givenAddress, type GivenPlace, resolvePlace} from './settings.js'

export interface UpdateSecurityGroupOptions extends GivenPlace, RuleChanges {
  ip?: string
  /** One rule for each port. Only if the rules are found by their description. */
  ports?: number[]
  /** Creates missing rules. */
  create?: boolean
  /** Also sets a rule that allows more than one address or other ports than those of databases. */
  force?: boolean
  /** Changes nothing. */
  dryRun?: boolean
  /** Supplies what is not set by flags. */
  variables: Variables
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
 * description. Everything else in them is kept or changed as wanted. Wrong input is refused before the first request, rules
 * for others before the first change, and each change is read back.
 * @throws ConfigurationError, UsageError, ConnectionError (`public_ip_unknown`), AwsError (`rule_wide`, `rule_other_ports`,
 * `rule_ambiguous`, `rule_not_set`, …)
 */
export async function updateSecurityGroup(
  {variables, ip, dryRun = false, create = false, force = false, ports, ...given}: UpdateSecurityGroupOptions,
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
  const {description = ''} = changes
  return withEc2({region: place.region, signal}, async (ec2) => {
    const work: RuleWork = {ec2, groupId, delays, signal, dryRun, progress}
    const found =
      ruleId === undefined
        ? await findRules(ec2, {groupId, description, ports, create, address}, progress)
        : [await oneRule(ec2, {groupId, ruleId})]
    const wanted = found.map((rule) => ({rule, after: changedState(rule.state, address, changes)}))
    for (const {rule, after} of force ? [] : wanted) {
      refuseWide(rule, after)
      if (ruleId !== undefined) refuseOtherPorts(rule, after, changes, databasePorts(variables))
    }

    const rules: RuleOutcome[] = []
    for (const {rule, after} of wanted) rules.push(await setRule(rule, after, work))
    for (const after of ruleId === undefined && create
      ? newStates(found, {address, description, ports, changes})
      : []) {
      rules.push({ruleId: dryRun ? undefined : await createRule(after, work), after, changed: !dryRun})
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
