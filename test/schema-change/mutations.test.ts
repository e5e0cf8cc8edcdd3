import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {OperationContext} from '../../src/lib/access/context.js'
import {type Statement, statement, type Step} from '../../src/lib/schema-change/statement.js'
import {contextOf} from '../migrations/support/plan.js'
import {query, urlOf} from '../support/databases.js'
import {
  converted,
  everything,
  moved,
  type Mutant,
  mutantsOfConverted,
  mutantsOfEverything,
  mutantsOfMoved,
  mutantsOfOnline,
  online,
} from './support/mutants.js'
import {type Proposed, type Subject, withProposed} from './support/proposed.js'

const role = 'mutant_reader'
beforeAll(() => query('postgres', `create role ${role}`))
afterAll(() => query('postgres', `drop role ${role}`))

const server = (): OperationContext => contextOf(urlOf('postgres'))

/** So many mutants are tried at once. */
const atOnce = 3

type Named = readonly [name: string, steps: readonly Step[]]

/** The proposal without each of its statements in turn. */
function shortened(steps: readonly Step[]): Named[] {
  return steps.flatMap(({statements}) =>
    statements.map((left): Named => [`without: ${left.sql}`, changed(steps, (each) => (each === left ? [] : [each]))]),
  )
}

function changed(steps: readonly Step[], how: (each: Statement) => Statement[]): Step[] {
  return steps.map((step) => ({...step, statements: step.statements.flatMap(how)}))
}

/** @throws Error if the proposal does not have what is swapped */
function mutated(steps: readonly Step[], {name, swap, then}: Mutant): Named {
  const last = steps.at(-1) as Step
  if (then !== undefined)
    return [name, [...steps.slice(0, -1), {...last, statements: [...last.statements, statement(then)]}]]
  const [from, to] = swap ?? ['', '']
  const swapped = changed(steps, (each) => [{...each, sql: each.sql.replace(from, to)}])
  if (JSON.stringify(swapped) === JSON.stringify(steps)) throw new Error(`nothing to swap: ${name}`)
  return [name, swapped]
}

/** The names of the mutants of which nothing is said. */
async function unnoticed({judge}: Proposed, mutants: readonly Named[]): Promise<string[]> {
  const found: string[] = []
  const left = [...mutants]
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      if ((await judge(next[1])).length === 0) found.push(next[0])
  }
  await Promise.all(Array.from({length: atOnce}, work))
  return found.sort()
}

const survivors = (subject: Subject, mutants: readonly Mutant[]): Promise<string[]> =>
  withProposed(server(), subject, async (proposed) => {
    expect(await proposed.judge(proposed.steps)).toEqual([])
    return unnoticed(proposed, [...shortened(proposed.steps), ...mutants.map((each) => mutated(proposed.steps, each))])
  })

describe('the proof', () => {
  it('refuses a change of many kinds of objects that was broken', async () => {
    expect(await survivors(everything, mutantsOfEverything)).toEqual([
      // The old default could be converted, too, and the new one is set twice.
      'without: ALTER TABLE public.p ALTER COLUMN name DROP DEFAULT',
      "without: ALTER TABLE public.p ALTER COLUMN name SET DEFAULT 'y'::text",
      "without: ALTER TABLE public.p ALTER COLUMN name SET DEFAULT 'y'::text",
      // There is nothing to revoke before the grants.
      'without: REVOKE ALL (id) ON TABLE public.q FROM mutant_reader',
      'without: REVOKE ALL (s) ON TABLE public.q FROM mutant_reader',
      'without: REVOKE ALL ON TABLE public.v FROM mutant_reader',
    ])
  })

  it('refuses a change that moves rows which was broken', async () => {
    // The old index is gone with its table before the new one is made.
    const equivalent = ['without: ALTER INDEX public.e_n RENAME TO e_n_replaced']
    expect(await survivors(moved, mutantsOfMoved)).toEqual(equivalent)
  })

  it('refuses a change with online steps that was broken', async () => {
    // Only that the table is not read while it is locked depends on this check.
    const equivalent = ['without: ALTER TABLE public.o VALIDATE CONSTRAINT a_is_set']
    expect(await survivors(online, mutantsOfOnline)).toEqual(equivalent)
  })

  // A conversion may be any expression, so what it should give is not known.
  it('only counts the values of a column that gets another type', async () => {
    expect(await survivors(converted, mutantsOfConverted)).toEqual(['other values'])
  })
})
