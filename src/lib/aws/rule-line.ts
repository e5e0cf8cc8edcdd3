import {type RuleState, sameState} from './rule.js'
import type {RuleOutcome, UpdateSecurityGroupResult} from './update-security-group.js'

/** What became of the rules, a line each: `sgr-… in sg-…: 198.51.100.7/32 → 203.0.113.9/32 (tcp 5432)`. */
export function renderRuleChanges({groupId, rules, dryRun}: UpdateSecurityGroupResult): string {
  return rules.map((rule) => renderRule(rule, groupId, dryRun)).join('\n')
}

function renderRule({ruleId, before, after, changed, replaced}: RuleOutcome, groupId: string, dryRun: boolean): string {
  if (before === undefined)
    return `${ruleId ?? 'A rule'} in ${groupId}: ${after.cidr} (${renderTraffic(after)}), ${dryRun ? 'dry run: not made' : 'made'}`
  const cidr = fromTo(before.cidr, after.cidr)
  const traffic = fromTo(renderTraffic(before), renderTraffic(after))
  const description = fromTo(renderDescription(before), renderDescription(after))
  const described = before.description === after.description ? '' : `, description ${description}`
  const instead = replaced === undefined ? '' : `, in place of ${replaced}: set DB_SG_RULE_ID=${ruleId} where it is set`
  return `${ruleId} in ${groupId}: ${cidr} (${traffic})${described}${instead}${outcome()}`

  function outcome(): string {
    if (changed) return ''
    if (before !== undefined && sameState(before, after)) return ', right already'
    return dryRun ? ', dry run: not changed' : ''
  }
}

function fromTo(before: string, after: string): string {
  return before === after ? after : `${before} → ${after}`
}

function renderTraffic({protocol, fromPort, toPort}: RuleState): string {
  if (protocol === '-1') return 'all traffic'
  if (fromPort === -1) return protocol
  return `${protocol} ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`}`
}

function renderDescription({description}: RuleState): string {
  return description === null ? 'none' : JSON.stringify(description)
}
