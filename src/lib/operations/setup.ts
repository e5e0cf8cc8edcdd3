import {CruddurError} from '../errors.js'
import {refuseServerDatabase} from '../target/protection.js'
import type {OperationContext} from './context.js'
import {create} from './create.js'
import {drop} from './drop.js'
import {loadSchema, seed} from './run-sql-file.js'

/** One step of a setup, as it ended. */
export interface SetupStep {
  step: 'drop' | 'create' | 'schema:load' | 'seed'
  /** What it did, for people. */
  outcome: string
  milliseconds: number
}

/** What {@link setup} did, step by step. */
export interface SetupResult {
  database: string
  steps: SetupStep[]
}

/** What {@link setup} takes. */
export interface SetupOptions {
  cwd: string
  /** Ends the sessions that are connected instead of failing. */
  force?: boolean
  /** Told of each step when it has ended. */
  onStep: (step: SetupStep) => void
}

/**
 * Drops, creates, loads the schema and seeds, in this order, all on the one target of `context`: the same four
 * operations that the commands call. Stops at the first failure, whose error says in `step` where.
 */
export async function setup({cwd, force, onStep}: SetupOptions, context: OperationContext): Promise<SetupResult> {
  refuseServerDatabase(context.target)
  const steps: SetupStep[] = []
  const run = async (step: SetupStep['step'], work: () => Promise<string>): Promise<void> => {
    const start = performance.now()
    const outcome = await inStep(step, work)
    const done = {step, outcome, milliseconds: Math.round(performance.now() - start)}
    steps.push(done)
    onStep(done)
  }

  const {database} = context.target.url
  const quiet = {...context, progress: () => undefined}
  await run('drop', async () => ((await drop({force}, quiet)).dropped ? `${database} dropped` : `${database} was not there`))
  await run('create', async () => ((await create(quiet)).created ? `${database} created` : `${database} was there already`))
  await run('schema:load', async () => (await loadSchema({cwd}, quiet)).file)
  await run('seed', async () => (await seed({cwd}, quiet)).file)
  return {database, steps}
}

async function inStep<T>(step: SetupStep['step'], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CruddurError) error.step = step
    throw error
  }
}
