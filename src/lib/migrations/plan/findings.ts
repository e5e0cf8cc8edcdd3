import type {StatementFacts} from './changes.js'
import type {Measured} from './measure.js'
import {unindexedKeys, validations} from './rules/constraints.js'
import {indexBuilds} from './rules/indexes.js'
import {type Candidate, losses} from './rules/losses.js'
import {rewrites} from './rules/rewrites.js'
import type {Ground} from './rules/rule.js'
import {scans} from './rules/scans.js'
import {changedRows, heldWhile, readsLarge, rowChanges, severalLocked} from './rules/transactions.js'
import type {Tables} from './tables.js'
import type {FindingCode, PlanFinding} from './types.js'

/** A finding, with the question on which it depends, if there is one. */
export type PossibleFinding = Partial<Pick<Candidate, 'question'>> & Pick<Candidate, 'finding'>

/** Statements with these take long. */
const slow: readonly FindingCode[] = [
  ...(['table_rewrite', 'table_scan', 'index_build', 'foreign_key_validated', 'check_validated'] as const),
]

/** Everything that is to be said about the migrations, in their order. */
export function findingsOf({migrations}: Measured, tables: Tables): PossibleFinding[] {
  const last = migrations.at(-1)?.after ?? tables.initial
  return migrations.flatMap((measured) =>
    measured.transactions.flatMap((transaction) => {
      const ground = {tables, measured, transaction}
      const own = new Map(transaction.map((facts) => [facts, ofStatement(facts, ground)]))
      const long = transaction.filter((facts) => isLong(facts, own.get(facts) ?? [], tables))
      const several = severalLocked(ground)
      return transaction.flatMap((facts): PossibleFinding[] => [
        ...[...(own.get(facts) ?? []), ...rowChanges(facts, ground), ...heldWhile(facts, ground, long)].map(alone),
        ...(several?.facts === facts ? [alone(several.finding)] : []),
        ...losses(facts, ground),
        ...unindexedKeys(facts, ground, last).map(alone),
      ])
    }),
  )
}

const alone = (finding: PlanFinding): PossibleFinding => ({finding})

function ofStatement(facts: StatementFacts, ground: Ground): PlanFinding[] {
  const found = [...rewrites(facts, ground), ...indexBuilds(facts, ground), ...validations(facts, ground)]
  return [...found, ...scans(facts, ground, new Set(found.map(({table}) => table)))]
}

/** Row changes and the validation of what was just added have findings of their own that say what waits for them. */
function isLong(facts: StatementFacts, own: readonly PlanFinding[], tables: Tables): boolean {
  if (own.some(({code}) => code === 'validated_with_added') || changedRows(facts, tables).length > 0) return false
  return own.some(({code}) => slow.includes(code)) || readsLarge(facts, tables)
}
