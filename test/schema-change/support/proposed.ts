import type {OperationContext} from '../../../src/lib/access/context.js'
import {readSchema} from '../../../src/lib/dumps/schema-dump.js'
import {nobodyKnows} from '../../../src/lib/schema-change/change.js'
import {withScratchDatabase} from '../../../src/lib/dumps/scratch-database.js'
import {withClient} from '../../../src/lib/postgres/connect/client.js'
import {Facts} from '../../../src/lib/schema-change/facts.js'
import {fillFitting} from '../../../src/lib/schema-change/fitting.js'
import {Laboratory} from '../../../src/lib/schema-change/laboratory.js'
import {gapsOf, propose} from '../../../src/lib/schema-change/proposal.js'
import {decideLosses} from '../../../src/lib/schema-change/questions.js'
import {readRows} from '../../../src/lib/schema-change/rows/read-rows.js'
import type {Step} from '../../../src/lib/schema-change/statement.js'
import type {ProposalOptions, State} from '../../../src/lib/schema-change/types.js'

export interface Subject {
  a: string
  b: string
  drop?: readonly string[]
  rename?: readonly string[]
  /** Whether all is one step. */
  plain: boolean
}

/** A proposal, and the judgement of any steps in its place. */
export interface Proposed {
  steps: readonly Step[]
  /** What is not proved of these steps: nothing if they are as good as the proposal. */
  judge: (steps: readonly Step[]) => Promise<string[]>
}

/** Runs `use` with the proposal for a subject, as a change makes it. */
export async function withProposed<T>(
  server: OperationContext,
  {a, b, drop = [], rename = [], plain}: Subject,
  use: (proposed: Proposed) => Promise<T>,
): Promise<T> {
  const wanted = await withScratchDatabase(server, (database) => stateAfter(database, b))
  return withScratchDatabase(server, async (database) => {
    const before = await stateAfter(database, a)
    const decisions = await decideLosses(before.facts, wanted.facts, {
      choices: {rename, drop, keep: []},
      areFilled: (losses) => Promise.resolve(losses.map(() => true)),
      ask: undefined,
    })
    const rows = await on(database, async (client) => {
      await fillFitting(client, before.facts, wanted.facts, decisions.renames)
      return readRows(client)
    })
    const laboratory = new Laboratory(server, database)
    const options: ProposalOptions = {
      ...{from: {...before, rows}, to: wanted, laboratory, plain},
      ...{first: decisions.statements, renames: decisions.renames, rebuilt: new Set(), anyOrder: new Set()},
      findRows: nobodyKnows,
    }
    const {steps, gaps} = await propose(options)
    if (gaps.length > 0) throw new Error(`The proposal itself: ${gaps.map(({message}) => message).join(' ')}`)
    const judge = async (mutated: readonly Step[]): Promise<string[]> => {
      const result = await laboratory.run(mutated)
      if ('error' in result) return [result.error.message]
      return result === undefined ? ['refused'] : gapsOf(result, options).map(({message}) => message)
    }
    return use({steps, judge})
  })
}

async function stateAfter(database: OperationContext, sql: string): Promise<State> {
  const facts = await on(database, async (client) => {
    await client.query(sql)
    return Facts.read(client)
  })
  return {facts, sql: (await readSchema({owners: true}, database)).sql}
}

function on<T>(database: OperationContext, use: Parameters<typeof withClient<T>>[2]): Promise<T> {
  return withClient(database.target.url, {signal: database.signal}, use)
}
