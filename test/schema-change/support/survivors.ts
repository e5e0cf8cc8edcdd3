import {expect} from 'vitest'
import type {OperationContext} from '../../../src/lib/access/context.js'
import {type Statement, statement, type Step} from '../../../src/lib/schema-change/statement.js'
import type {Mutant} from './mutants.js'
import {type Proposed, type Subject, withProposed} from './proposed.js'

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

/** Breaks a proposal in each way, and drops each of its statements: the names of the mutants that the proof does not refuse. */
export const survivors = (server: OperationContext, subject: Subject, mutants: readonly Mutant[]): Promise<string[]> =>
  withProposed(server, subject, async (proposed) => {
    expect(await proposed.judge(proposed.steps)).toEqual([])
    return unnoticed(proposed, [...shortened(proposed.steps), ...mutants.map((each) => mutated(proposed.steps, each))])
  })
