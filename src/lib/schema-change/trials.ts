import {differingObjects} from '../dumps/compare.js'
import {arrange, type Arrangement} from './arrange.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {type Condition, conditionOf} from './conditions.js'
import type {Draft} from './draft.js'
import {keyOf, sqlName} from './facts.js'
import type {Refusal, TrialResult} from './laboratory.js'
import {replacementOf} from './refusals.js'
import {advance, repairsOf} from './repair.js'
import {type Statement, statement, type Step} from './statement.js'
import type {Gap, Proposal, ProposalOptions} from './types.js'

const maxTrials = 12

/** A value of an enum is used in the transaction that adds it. */
const unsafeNewValue = '55P04'

const incompleteCopy: Gap = {
  message: 'The rows of a table that is rebuilt need a value in a new column that takes no NULL. Complete the INSERT.',
  sql: [],
  placed: true,
  losesRows: true,
}

/** The trials of a draft: each shows what to repair before the next. */
export class Trials {
  private readonly gaps: Proposal['gaps'] = []
  private readonly repairs: Statement[] = []
  /** What is written as a comment, because it is refused in any order. */
  private readonly leftOut = new Map<Statement, Gap>()
  private readonly arrangement: Arrangement
  private isSorted = false

  private constructor(
    private readonly options: ProposalOptions,
    private readonly values: readonly Statement[],
    private list: readonly Statement[],
    private readonly old: ReadonlySet<string>,
  ) {
    this.arrangement = {plain: options.plain, separateValues: false}
  }

  static async of(draft: Draft, options: ProposalOptions): Promise<Trials> {
    const {laboratory, to} = options
    const old = [...draft.prepared.tables.values()].filter(
      (table) => to.facts.tables.has(keyOf(table)) && !table.partitioned,
    )
    const names = await laboratory.tidy(
      [
        ...old.flatMap((table) => [
          sqlName(table),
          ...table.columns.map(({name}) => `${sqlName(table)}.${escapeIdentifier(name)}`),
        ]),
        ...[...draft.prepared.domains.values()].map(sqlName),
      ].map((sql) => statement(sql)),
    )
    const known = new Set(names.map(({sql}) => sql))
    const trials = new Trials(options, await laboratory.tidy(draft.values), [], known)
    const statements = await laboratory.tidy(draft.statements)
    const conditions = statements.map((each) => conditionOf(each, (table) => known.has(table)))
    const queries = conditions.flatMap((condition) => condition?.query ?? [])
    const answers = await options.findRows(queries)
    const found = new Map(queries.map((query, index) => [query, answers[index]]))
    trials.list = statements.map((each, index) => trials.withCondition(each, conditions[index], found))
    for (const {open} of statements) if (open?.startsWith('INSERT') === true) trials.gaps.push(incompleteCopy)
    return trials
  }

  /** Says above a statement what it demands of the rows, unless they are known to satisfy it. */
  private withCondition(
    each: Statement,
    condition: Condition | undefined,
    found: ReadonlyMap<string, boolean | undefined>,
  ): Statement {
    if (condition === undefined) return each
    const {message, query} = condition
    const isViolated = query === undefined ? undefined : found.get(query)
    if (isViolated === false) return each
    const below = query === undefined ? [] : [`  ${query};`]
    if (isViolated === undefined) return {...each, comments: [...each.comments, message, ...below], condition: message}
    this.gaps.push({message: `Rows are in the way. ${message}`, sql: [`${query};`], placed: true})
    return {...each, comments: [...each.comments, `NOT PROVED: rows are in the way. ${message}`, ...below]}
  }

  /** Tries until nothing is left to repair. What then still differs is in the result. */
  async improve(): Promise<Proposal & {result: TrialResult}> {
    for (let count = 1; ; count++) {
      const steps = arrange(this.values, this.list, this.old, this.arrangement)
      const result = await this.options.laboratory.run(steps)
      if ('error' in result) await this.correct(result)
      else if (count >= maxTrials || !this.repair(result)) return this.finished(result)
    }
  }

  /** A refused statement says nothing if all is as wanted without it, for example because a repair has done the same. */
  private finished(result: TrialResult): Proposal & {result: TrialResult} {
    const isDone = differingObjects(result.sql, this.options.to.sql).length === 0
    const list = isDone ? this.list.filter((each) => !this.leftOut.has(each)) : this.list
    const steps = arrange(this.values, list, this.old, this.arrangement)
    return {steps, gaps: isDone ? this.gaps : [...this.gaps, ...this.leftOut.values()], result}
  }

  /** Changes what was refused: the order, or a statement, or how they are divided. */
  private async correct(first: Refusal): Promise<void> {
    const {laboratory} = this.options
    const plain = arrange(this.values, this.list, this.old, {...this.arrangement, plain: true})
    const {steps, refused} = await laboratory.sort(plain)
    if (refused.some(({error}) => error.code === unsafeNewValue) && !this.arrangement.separateValues) {
      this.arrangement.separateValues = true
      return
    }
    const replaced = new Map(refused.map((refusal) => [refusal.statement, replacementOf(refusal)]))
    if (refused.length === 0) {
      this.take(steps)
      // In this order they run, so it is their division that does not.
      if (this.isSorted && this.arrangement.plain) this.leaveOut([first])
      else if (this.isSorted) this.arrangement.plain = true
      this.isSorted = true
    } else if ([...replaced.values()].some((instead) => instead !== undefined)) {
      this.list = this.list.flatMap((each) => replaced.get(each)?.statements ?? [each])
      this.gaps.push(...[...replaced.values()].flatMap((instead) => instead?.gaps ?? []))
    } else {
      this.take(steps)
      this.leaveOut(refused)
    }
  }

  private take(steps: readonly Step[]): void {
    const values = new Set(this.values)
    this.list = steps.flatMap(({statements}) => statements).filter((each) => !values.has(each))
  }

  /** A statement that is refused in any order is written as a comment. */
  private leaveOut(refused: readonly Refusal[]): void {
    const lost = refused.filter(({statement: each}) => !this.repairs.includes(each))
    this.list = this.list.filter((each) => lost.every(({statement: other}) => other !== each))
    for (const {
      statement: {sql},
      error: {message},
    } of lost) {
      const comment = {...statement('', `NOT PROVED: ${message}`), open: sql}
      this.list = [...this.list, comment]
      this.leftOut.set(comment, {message, sql: [`${sql};`], placed: true})
    }
  }

  private repair({sql, behind}: TrialResult): boolean {
    const {from, to} = this.options
    const wanted = [...repairsOf(differingObjects(sql, to.sql), from.facts.role), ...advance(behind)]
    const fresh = wanted.filter((each) => !this.repairs.some((repair) => repair.sql === each.sql))
    this.repairs.push(...fresh)
    this.list = [...this.list, ...fresh]
    return fresh.length > 0
  }
}
