import type {OperationContext} from '../access/context.js'
import {readSchema} from '../dumps/schema-dump.js'
import {withScratchDatabase} from '../dumps/scratch-database.js'
import {SqlError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {sqlFailure} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {Facts} from './facts.js'
import {readRows, type RowsByTable} from './rows/read-rows.js'
import {type FeedingSequence, sequencesBehind} from './rows/sequences.js'
import type {Statement, Step} from './statement.js'
import {tidyStatements} from './tidy.js'

/** A statement that the server refuses, also after all others. */
export interface Refusal {
  statement: Statement
  error: SqlError
}

/** What a database is after a change that has run. */
export interface TrialResult {
  sql: string
  rows: RowsByTable
  behind: FeedingSequence[]
}

/** Runs changes on copies of a database, which has no sessions meanwhile. */
export class Laboratory {
  constructor(
    private readonly server: OperationContext,
    private readonly original: OperationContext,
  ) {}

  /** The schema after some statements. */
  async factsAfter(statements: readonly Statement[]): Promise<Facts | Refusal> {
    return this.onCopy(
      async (client) =>
        (await runSteps(client, [{transaction: true, suffix: '', statements: [...statements]}])) ?? Facts.read(client),
    )
  }

  /** See {@link tidyStatements}. */
  async tidy(statements: readonly Statement[]): Promise<Statement[]> {
    return withClient(this.server.target.url, {signal: this.server.signal}, (client) =>
      tidyStatements(client, statements),
    )
  }

  /** Runs steps as `migrate` runs them. */
  async run(steps: readonly Step[]): Promise<TrialResult | Refusal> {
    return withScratchDatabase(
      this.server,
      async (copy) => {
        const found = await withClient(copy.target.url, {signal: copy.signal}, async (client) => {
          const refusal = await runSteps(client, steps)
          return refusal ?? {rows: await readRows(client), behind: await sequencesBehind(client)}
        })
        return 'error' in found ? found : {...found, sql: (await readSchema({owners: true}, copy)).sql}
      },
      this.original,
    )
  }

  /** Finds an order in which the statements can run, and takes out those for which there is none. */
  async sort(steps: readonly Step[]): Promise<{steps: Step[]; refused: Refusal[]}> {
    return this.onCopy(async (client) => {
      let left: Statement[] = []
      let refused: Refusal[] = []
      const sorted: Step[] = []
      for (const step of steps) {
        const done = await runInAnyOrder(client, {...step, statements: [...left, ...step.statements]})
        sorted.push({...step, statements: done.statements})
        refused = done.refused
        left = refused.map(({statement}) => statement)
      }
      return {steps: sorted, refused}
    })
  }

  /** Uses a copy on which the steps have run. */
  async after<T>(steps: readonly Step[], use: (copy: OperationContext) => Promise<T>): Promise<T> {
    return withScratchDatabase(
      this.server,
      async (copy) => {
        await withClient(copy.target.url, {signal: copy.signal}, (client) => runSteps(client, steps))
        return use(copy)
      },
      this.original,
    )
  }

  private onCopy<T>(use: (client: PostgresClient) => Promise<T>): Promise<T> {
    return withScratchDatabase(
      this.server,
      (copy) => withClient(copy.target.url, {signal: copy.signal}, use),
      this.original,
    )
  }
}

/** Runs steps, and returns the first statement that is refused. */
async function runSteps(client: PostgresClient, steps: readonly Step[]): Promise<Refusal | undefined> {
  for (const {transaction, statements} of steps) {
    if (transaction) await client.query('begin')
    for (const statement of statements) {
      const error = await attempt(client, statement.sql)
      if (error !== undefined) return {statement, error}
    }
    const error = transaction ? await attempt(client, 'commit') : undefined
    if (error !== undefined) return {statement: statements.at(-1) as Statement, error}
  }
  return undefined
}

/** Tries the statements that were refused again after the others, until no more of them succeeds. */
async function runInAnyOrder(
  client: PostgresClient,
  {transaction, statements}: Step,
): Promise<{statements: Statement[]; refused: Refusal[]}> {
  const done: Statement[] = []
  let refused: Refusal[] = []
  if (transaction) await client.query('begin')
  for (let left = statements; left.length > 0; left = refused.map(({statement}) => statement)) {
    refused = []
    const before = done.length
    for (const statement of left) {
      if (transaction) await client.query('savepoint each')
      const {needs} = statement
      const isSafe = needs === undefined || done.some(({saves}) => saves === needs)
      const error = isSafe ? await attempt(client, statement.sql) : unsaved
      if (transaction) await client.query(error === undefined ? 'release each' : 'rollback to each')
      if (error === undefined) done.push(statement)
      else refused.push({statement, error})
    }
    if (done.length === before) break
  }
  const error = transaction ? await attempt(client, 'commit') : undefined
  const last = done.at(-1)
  if (error !== undefined && last !== undefined)
    return {statements: done.slice(0, -1), refused: [...refused, {statement: last, error}]}
  return {statements: done, refused}
}

/** What would be dropped is not saved. */
const unsaved = new SqlError('what it drops is still needed', {code: 'not_saved'})

async function attempt(client: PostgresClient, sql: string): Promise<SqlError | undefined> {
  if (sql === '') return undefined
  try {
    await client.query(sql)
    return undefined
  } catch (error) {
    const failure = sqlFailure(error)
    if (failure instanceof SqlError) return failure
    throw error
  }
}
