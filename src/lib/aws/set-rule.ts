import {setTimeout as sleep} from 'node:timers/promises'
import {AwsError} from '../errors.js'
import type {Ec2} from './ec2.js'
import {
  allowsOneAddress,
  type FoundRule,
  type RuleState,
  sameFamily,
  sameState,
  sameTraffic,
  settableState,
} from './rule.js'
import type {RulePlace} from './settings.js'

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

export interface RuleWork {
  ec2: Ec2
  groupId: string
  /** The delays before each look at a changed rule, in milliseconds. */
  delays: number[]
  signal: AbortSignal
  dryRun: boolean
  progress: (line: string) => void
}

/** Failures after which AWS may have made the change: no answer, or an internal error. */
const answerLost: readonly string[] = ['aws_unreachable', 'aws_unavailable']

/** Changes a rule and reads it back. For another IP version it creates a new rule, then removes the old one. */
export async function setRule(
  {ruleId, state: before}: FoundRule,
  after: RuleState,
  work: RuleWork,
): Promise<RuleOutcome> {
  const changed = !work.dryRun && !sameState(before, after)
  if (!changed) return {ruleId, before, after, changed}
  if (!sameFamily(before, after)) {
    const made = await replaceRule({ruleId, state: before}, after, work)
    return {ruleId: made, before, after, changed, replaced: ruleId}
  }

  await modify({groupId: work.groupId, ruleId}, after, work)
  return {ruleId, before, after, changed}
}

/** Creates a rule, and returns the id of the existing one if AWS already has it, because an earlier answer was lost. */
export async function createRule(state: RuleState, work: RuleWork): Promise<string> {
  const {ec2, groupId} = work
  try {
    return await ec2.createRule(groupId, state)
  } catch (error) {
    if (!(error instanceof AwsError) || ![...answerLost, 'rule_duplicate'].includes(error.code)) throw error
    const made = await lookFor(state, work).catch(() => undefined)
    work.signal.throwIfAborted()
    if (made === undefined) throw error
    return made
  }
}

/** The rule with that id. @throws AwsError (`rule_missing`, `rule_of_other_group`, `rule_is_egress`, …) */
export async function oneRule(ec2: Ec2, {groupId, ruleId}: RulePlace): Promise<FoundRule> {
  return {ruleId, state: settableState(await ec2.describeRule(ruleId), groupId)}
}

async function modify(place: RulePlace, after: RuleState, work: RuleWork): Promise<void> {
  try {
    await work.ec2.modifyRule(place, after)
  } catch (error) {
    if (!isAnswerLost(error)) throw error
    const found = await oneRule(work.ec2, place).catch(() => undefined)
    work.signal.throwIfAborted()
    if (found === undefined || !sameState(found.state, after)) throw error
  }

  await readBack(place, after, work)
}

async function replaceRule(old: FoundRule, after: RuleState, work: RuleWork): Promise<string> {
  const left = await leftByEarlierRun(old, after, work)
  if (left !== undefined) {
    work.progress(`${left.ruleId} has the same ports and description. It is set, and no new rule is created.`)
    if (!sameState(left.state, after)) await modify({groupId: work.groupId, ruleId: left.ruleId}, after, work)
  }

  const made = left?.ruleId ?? (await createRule(after, work))
  try {
    await removeRule(old.ruleId, work)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw await notRemoved(error, {old, made, isNew: left === undefined, after}, work)
  }

  return made
}

/**
 * The rule that a run created whose removal of the old rule failed, so that there is never one more for each address.
 * @throws AwsError (`rule_ambiguous`) if it may be a rule for something else
 */
async function leftByEarlierRun(old: FoundRule, after: RuleState, work: RuleWork): Promise<FoundRule | undefined> {
  const alike = (await addressRules(work)).filter(
    ({ruleId, state}) =>
      ruleId !== old.ruleId &&
      sameFamily(state, after) &&
      sameTraffic(state, after) &&
      state.description === after.description &&
      allowsOneAddress(state),
  )
  const [first, ...others] = alike
  const same = alike.find(({state}) => sameState(state, after))
  if (first === undefined || same !== undefined) return same
  if (others.length === 0 && after.description !== null) return first
  const ids = alike.map(({ruleId, state}) => `${ruleId} (${state.cidr})`)
  throw new AwsError(
    `${old.ruleId} must be replaced by a rule for ${after.cidr}, and ${ids.join(' and ')} may be the rule for this machine already. Nothing was changed.`,
    {
      code: 'rule_ambiguous',
      next: ['Name the right one with --rule-id, or give the rule a description of its own with --description.'],
      details: {groupId: work.groupId, ruleIds: alike.map(({ruleId}) => ruleId)},
    },
  )
}

async function removeRule(ruleId: string, {ec2, groupId, signal}: RuleWork): Promise<void> {
  try {
    await ec2.removeRule({groupId, ruleId})
  } catch (error) {
    if (isMissing(error)) return
    if (!isAnswerLost(error)) throw error
    const now: unknown = await ec2.describeRule(ruleId).catch((failure: unknown) => failure)
    signal.throwIfAborted()
    if (!isMissing(now)) throw error
  }
}

interface Replacement {
  old: FoundRule
  made: string
  isNew: boolean
  after: RuleState
}

/** Takes the new rule back, unless the old one may be gone, and says which rules there are now. */
async function notRemoved(error: AwsError, {old, made, isNew, after}: Replacement, work: RuleWork): Promise<AwsError> {
  const takenBack =
    isNew &&
    !isAnswerLost(error) &&
    (await removeRule(made, work).then(
      () => true,
      () => false,
    ))
  work.signal.throwIfAborted()
  const state = takenBack
    ? `The new rule ${made} was removed again, so nothing was changed.`
    : `${work.groupId} now has the new rule ${made} (${after.cidr}), and the old rule ${old.ruleId} (${old.state.cidr}) was not removed.`
  return new AwsError(`${error.message} ${state}`, {
    code: error.code,
    next: takenBack
      ? [...error.next]
      : [...error.next, `Then run the command again, which uses ${made}. Or delete ${old.ruleId} and use ${made}.`],
    details: {...error.details, ruleId: old.ruleId, newRuleId: made, takenBack},
    cause: error,
  })
}

/** Looks for a rule with exactly this state until AWS shows it. */
async function lookFor(wanted: RuleState, work: RuleWork): Promise<string | undefined> {
  for (const delay of work.delays) {
    await sleep(delay, undefined, {signal: work.signal})
    const found = (await addressRules(work)).find(({state}) => sameState(state, wanted))
    if (found !== undefined) return found.ruleId
  }

  return undefined
}

async function addressRules({ec2, groupId}: RuleWork): Promise<FoundRule[]> {
  const rules = await ec2.describeGroup(groupId)
  return rules
    .filter(({egress, source}) => !egress && !('id' in source))
    .map((rule) => ({ruleId: rule.ruleId, state: settableState(rule, groupId)}))
}

async function readBack(place: RulePlace, wanted: RuleState, {ec2, delays, signal}: RuleWork): Promise<void> {
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

function isAnswerLost(error: unknown): boolean {
  return error instanceof AwsError && answerLost.includes(error.code)
}

function isMissing(error: unknown): boolean {
  return error instanceof AwsError && error.code === 'rule_missing'
}
