import {type RuleState, sameState} from '../aws/rule.js'
import type {UpdateSecurityGroupResult} from '../operations/update-security-group.js'

/** What became of the rule, on one line: `sgr-… in sg-…: 198.51.100.7/32 → 203.0.113.9/32 (tcp 5432)`. */
export function renderRuleChange({groupId, ruleId, before, after, changed, dryRun}: UpdateSecurityGroupResult): string {
  const cidr = fromTo(before.cidr, after.cidr)
  const traffic = fromTo(renderTraffic(before), renderTraffic(after))
  const description = fromTo(renderDescription(before), renderDescription(after))
  const described = before.description === after.description ? '' : `, description ${description}`
  return `${ruleId} in ${groupId}: ${cidr} (${traffic})${described}${outcome()}`

  function outcome(): string {
    if (changed) return ''
    if (sameState(before, after)) return ', right already'
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
