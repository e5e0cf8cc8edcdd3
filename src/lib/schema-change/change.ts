import type {OperationContext} from '../access/context.js'
import {onBestServer} from '../dumps/best-server.js'
import type {ScratchServer} from '../dumps/file-schema.js'
import type {SkippedStatement} from '../dumps/load-schema.js'
import {readSchema} from '../dumps/schema-dump.js'
import {withScratchDatabase} from '../dumps/scratch-database.js'
import {SqlError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {Facts, keyOf, type Table} from './facts.js'
import {fillFitting} from './fitting.js'
import {keepLosses} from './kept.js'
import {Laboratory} from './laboratory.js'
import {propose} from './proposal.js'
import {decideLosses, type Decisions, type QuestionOptions} from './questions.js'
import type {UnfilledTable} from './rows/fill.js'
import {noRenames, type Renames} from './rows/lost-rows.js'
import {readRows} from './rows/read-rows.js'
import type {Step} from './statement.js'
import {isOneTransaction, sqlOf} from './sections.js'
import type {Gap, Proposal, ProposalOptions, State} from './types.js'

/** One of the two schemas. */
export interface ChangeSide {
  /** For people: a target, file or folder. */
  label: string
  /** Runs `use` with a new database that has the schema, and no session. */
  load: <T>(server: OperationContext, use: (loaded: LoadedSide) => Promise<T>) => Promise<T>
}

export interface LoadedSide {
  scratch: OperationContext
  /** What the server could not run. */
  skipped: SkippedStatement[]
}

export interface ChangeOptions extends QuestionOptions, Pick<ProposalOptions, 'plain' | 'rebuilt' | 'findRows'> {
  from: ChangeSide
  to: ChangeSide
  /** Servers for the trials. The first that has all that the schemas need is used. */
  scratch: readonly ScratchServer[]
  /** Whether the way back is wanted, too. */
  down: boolean
}

/** A step as SQL, and what undoes it. */
export interface ChangeStep {
  /** What is added to the name of its migration, unless it is the only one. */
  suffix: string
  up: ChangeSql
  /** Null if it was not wanted. */
  down: ChangeSql | null
}

export interface ChangeSql {
  /** Whether the statements can be one transaction. */
  transaction: boolean
  sql: string
}

/** A place that a person has to complete, or to judge. */
export interface OpenPlace extends Gap {
  direction: 'up' | 'down'
}

/** A change of a schema that was tried on copies with rows. */
export interface SchemaChange {
  from: string
  to: string
  steps: ChangeStep[]
  /** What the change does not do, or what is not known of it. It is proved if there is nothing of that. */
  open: OpenPlace[]
  /** What it demands of the rows that are there: sentences, which stand above the statements, too. */
  conditions: string[]
  /** Statements of the new schema that the server could not run. */
  skipped: SkippedStatement[]
}

/**
 * Proposes the change from one schema to another, and tries it: on a copy with rows in each table, it makes the new schema
 * as pg_dump writes it, keeps the rows, and leaves no sequence behind. No database of a target is changed.
 * @throws UsageError (`choice_missing`, `choice_unknown`), SqlError (a file fails), ConnectionError, StateError
 */
export async function proposeChange(options: ChangeOptions): Promise<SchemaChange> {
  return onBestServer(
    options.scratch,
    async (server) => proposeOn(await server.open(), options),
    ({skipped}) => skipped.length,
  )
}

function proposeOn(server: OperationContext, options: ChangeOptions): Promise<SchemaChange> {
  return options.from.load(server, (from) =>
    options.to.load(server, async (to) => {
      const {steps, gaps} = await new Proposing(server, from.scratch, to.scratch, options).propose()
      const open = [
        ...gaps.map((gap): OpenPlace => ({direction: 'up', ...gap})),
        ...steps.flatMap(({down}) => down?.gaps.map((gap): OpenPlace => ({direction: 'down', ...gap})) ?? []),
      ]
      // What is missing is said at the end, and what would lose rows is stopped at the beginning.
      const stopping = gaps.filter(({losesRows}) => losesRows).map((gap) => ({...gap, placed: true}))
      const texts = steps.map(({down, ...step}, index): ChangeStep => ({
        suffix: step.suffix,
        up: {transaction: step.transaction, sql: sqlOf([step], index === steps.length - 1 ? gaps : stopping)},
        down: down && {transaction: isOneTransaction(down.steps), sql: sqlOf(down.steps, down.gaps)},
      }))
      const conditions = steps.flatMap(({statements}) => statements.flatMap(({condition}) => condition ?? []))
      return {from: options.from.label, to: options.to.label, steps: texts, open, conditions, skipped: to.skipped}
    }),
  )
}

/** A step, and what undoes it. */
interface UndoneStep extends Step {
  down: Proposal | null
}

class Proposing {
  constructor(
    private readonly server: OperationContext,
    private readonly from: OperationContext,
    private readonly to: OperationContext,
    private readonly options: ChangeOptions,
  ) {}

  async propose(): Promise<{steps: UndoneStep[]; gaps: Gap[]}> {
    const [before, wanted] = await Promise.all([factsOf(this.from), factsOf(this.to)])
    const decisions = await decideLosses(before, wanted, this.options)
    const after = decisions.kept.length === 0 ? wanted : await keepLosses(this.to, before, wanted, decisions.kept)
    const [oldSql, newSql] = await Promise.all([dumpOf(this.from), dumpOf(this.to)])
    if (oldSql === newSql) return {steps: [], gaps: []}
    return withScratchDatabase(
      this.server,
      async (filled) => {
        const {rows, gaps: unfilled} = await this.fill(filled, before, after, decisions.renames)
        const proposal = await propose({
          from: {facts: before, sql: oldSql, rows},
          to: {facts: after, sql: newSql},
          laboratory: new Laboratory(this.server, filled),
          first: decisions.statements,
          renames: decisions.renames,
          rebuilt: this.options.rebuilt,
          anyOrder: new Set(decisions.kept.map(({table}) => keyOf(table))),
          plain: this.options.plain,
          findRows: this.options.findRows,
        })
        const ends = [
          {facts: before, sql: oldSql},
          {facts: after, sql: newSql},
        ] as const
        const steps = this.options.down
          ? await this.withDowns(filled, proposal.steps, ends, decisions)
          : proposal.steps.map((step): UndoneStep => ({...step, down: null}))
        return {steps, gaps: [...proposal.gaps, ...unfilled]}
      },
      this.from,
    )
  }

  private async fill(filled: OperationContext, before: Facts, after: Facts, renames: Renames) {
    return withClient(filled.target.url, {signal: filled.signal}, async (client) => {
      const unfilled = await fillFitting(client, before, after, renames)
      const isFillable = ({schema, table}: UnfilledTable): boolean =>
        before.tables.get(keyOf({schema, name: table}))?.partitioned !== true
      const gaps = unfilled.filter(isFillable).map(({schema, table, reason}): Gap => ({
        message: `That the rows of ${schema}.${table} are kept was not tried, because no sample row could be made: ${reason}`,
        sql: [],
        placed: false,
      }))
      return {rows: await readRows(client), gaps}
    })
  }

  /** Finds for each step what undoes it, from the last to the first, on the database that the steps before have made. */
  private async withDowns(
    original: OperationContext,
    steps: readonly Step[],
    [before, after]: readonly [State, State],
    decisions: Decisions,
  ): Promise<UndoneStep[]> {
    const [step, ...rest] = steps
    if (step === undefined) return []
    const laboratory = new Laboratory(this.server, original)
    return laboratory.after([step], async (made) => {
      const state = rest.length === 0 ? after : {facts: await factsOf(made), sql: await dumpOf(made)}
      const rows = await withClient(made.target.url, {signal: made.signal}, readRows)
      const renamesHere = step.transaction && step.suffix === ''
      const undoing = propose({
        from: {...state, rows},
        to: before,
        laboratory: new Laboratory(this.server, made),
        first: renamesHere ? decisions.back : [],
        renames: renamesHere ? inverse(decisions.renames) : noRenames,
        rebuilt: new Set(),
        anyOrder: tablesWithout(before.facts, state.facts),
        plain: true,
        findRows: nobodyKnows,
      })
      const undone = undoing.catch((error: unknown): Proposal => {
        if (!(error instanceof SqlError)) throw error
        return {steps: [], gaps: [{message: `A rename back is refused: ${error.message}`, sql: [], placed: false}]}
      })
      const [down, later] = await Promise.all([undone, this.withDowns(made, rest, [state, after], decisions)])
      return [{...step, down}, ...later]
    })
  }
}

/** Where there is no database to ask about its rows. */
export const nobodyKnows: ProposalOptions['findRows'] = (queries) => Promise.resolve(queries.map(() => undefined))

/** Tables that have lost columns, which can only come back as the last ones. */
function tablesWithout(before: Facts, after: Facts): Set<string> {
  const hasLost = ([key, {columns}]: readonly [string, Table]): boolean => {
    const left = after.tables.get(key)?.columns
    return left !== undefined && columns.some(({name}) => left.every((column) => column.name !== name))
  }
  return new Set([...before.tables].filter(hasLost).map(([key]) => key))
}

const factsOf = (database: OperationContext): Promise<Facts> =>
  withClient(database.target.url, {signal: database.signal}, (client) => Facts.read(client))

async function dumpOf(database: OperationContext): Promise<string> {
  return (await readSchema({owners: true}, database)).sql
}

/** The renames back. Columns are by the names of table and column before, which are the new ones. */
function inverse({tables, columns}: Renames): Renames {
  return {
    tables: new Map([...tables].map(([old, name]) => [name, old])),
    columns: new Map(
      [...columns].map(([key, name]) => {
        const [schema, table, column] = JSON.parse(key) as [string, string, string]
        const old = keyOf({schema, name: table})
        const place = JSON.parse(tables.get(old) ?? old) as [string, string]
        return [JSON.stringify([...place, name]), column]
      }),
    ),
  }
}
