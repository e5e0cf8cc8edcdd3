import {renderTraffic, type RuleState, sameState} from './rule.js'
import type {RuleOutcome} from './set-rule.js'
import type {UpdateSecurityGroupResult} from './update-security-group.js'

/** Renders the outcome of each rule: `sgr-… in sg-…: 198.51.100.7/32 → 203.0.113.9/32 (tcp 5432)`. */
export function renderRuleChanges({groupId, rules, dryRun}: UpdateSecurityGroupResult): string {
  return rules.map((rule) => renderRule(rule, groupId, dryRun)).join('\n')
}

function renderRule({ruleId, before, after, changed, replaced}: RuleOutcome, groupId: string, dryRun: boolean): string {
  if (before === undefined)
    return `${ruleId ?? 'New rule'} in ${groupId}: ${after.cidr} (${renderTraffic(after)}), ${dryRun ? 'not created (dry run)' : 'created'}`
  const cidr = fromTo(before.cidr, after.cidr)
  const traffic = fromTo(renderTraffic(before), renderTraffic(after))
  const description = fromTo(renderDescription(before), renderDescription(after))
  const described = before.description === after.description ? '' : `, description ${description}`
  const instead = replaced === undefined ? '' : `, replaces ${replaced}. If you use DB_SG_RULE_ID, set it to ${ruleId}`
  return `${ruleId} in ${groupId}: ${cidr} (${traffic})${described}${instead}${outcome()}`

  function outcome(): string {
    if (changed) return ''
    if (before !== undefined && sameState(before, after)) return ', already right'
    return dryRun ? ', not changed (dry run)' : ''
  }
}

function fromTo(before: string, after: string): string {
  return before === after ? after : `${before} → ${after}`
}

function renderDescription({description}: RuleState): string {
  return description === null ? 'none' : JSON.stringify(description)
}
