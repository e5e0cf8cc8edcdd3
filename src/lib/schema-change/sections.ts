import type {Statement, Step} from './statement.js'
import type {Gap} from './types.js'

/** The whole change as a script, for people or psql. */
export function scriptOf(steps: readonly {up: {transaction: boolean; sql: string}}[]): string {
  return steps.map(({up: {transaction, sql}}) => (transaction ? `BEGIN;\n${sql}\nCOMMIT;\n` : `${sql}\n`)).join('\n')
}

/** Statements as they are written into files, each with its comments above it. */
export function sqlOf(steps: readonly Step[], gaps: readonly Gap[]): string {
  const lines =
    isOneTransaction(steps) || isWithout(steps)
      ? steps.flatMap(({statements}) => statements.flatMap(linesOfStatement))
      : steps.flatMap(({transaction, statements}) => {
          const inside = statements.flatMap(linesOfStatement)
          return transaction ? ['BEGIN;', ...inside, 'COMMIT;'] : inside
        })
  const open = gaps.filter(({placed}) => !placed).flatMap(linesOfGap)
  return [...(gaps.some(({losesRows}) => losesRows) ? guard : []), ...lines, ...open].join('\n')
}

/** Stops what would lose rows until a person has completed it. */
const guard = [
  '-- NOT PROVED: rows would be lost. Complete the places below, then remove the next line.',
  "DO $$ BEGIN RAISE EXCEPTION 'This would lose rows: complete the places marked NOT PROVED first.'; END $$;",
]

/** Whether the statements of some steps can be run in one transaction. */
export function isOneTransaction(steps: readonly Step[]): boolean {
  return steps.length === 0 || (steps.length === 1 && steps[0]?.transaction === true)
}

const isWithout = (steps: readonly Step[]): boolean => steps.every(({transaction}) => !transaction)

/** The comments of what is not proved, with what to write. */
function linesOfGap({message, sql}: Gap): string[] {
  return [`-- NOT PROVED: ${message}`, ...sql.flatMap((text) => text.split('\n')).map((line) => `--   ${line}`)]
}

function linesOfStatement({sql, open, comments}: Statement): string[] {
  const above = comments.flatMap((comment) => comment.split('\n')).map((line) => `-- ${line}`)
  if (open === undefined) return [...above, `${sql};`]
  return [...above, ...`${open};`.split('\n').map((line) => `-- ${line}`)]
}
