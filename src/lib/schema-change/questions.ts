import {UsageError} from '../errors.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {type Column, type Facts, keyOf, type QualifiedName, sqlName, type Table} from './facts.js'
import type {Renames} from './rows/lost-rows.js'
import {type Statement, statement} from './statement.js'

/** A table or column that the new schema does not have. */
export interface Loss {
  /** As in flags: `users.phone`, `sales.orders`. */
  name: string
  table: Table
  /** Null for the table itself. */
  column: string | null
  /** Whether the new schema computes the column, so that it cannot be kept. */
  computed: boolean
  /** New tables or columns that it could be, as in flags. */
  alike: string[]
}

/** What becomes of a loss. */
export type Answer = {kind: 'rename'; to: string} | {kind: 'drop'} | {kind: 'keep'}

/** Answers that were given with the command. */
export interface Choices {
  /** `old:new` */
  rename: readonly string[]
  drop: readonly string[]
  keep: readonly string[]
}

export interface Decisions {
  /** The renames as SQL. */
  statements: Statement[]
  /** The statements that rename back. */
  back: Statement[]
  renames: Renames
  kept: Loss[]
}

export interface QuestionOptions {
  choices: Choices
  /** Whether tables or columns have rows, in their order; true where nobody knows. */
  areFilled: (losses: readonly Loss[]) => Promise<boolean[]>
  /** Asks a person; undefined without a terminal. */
  ask: ((loss: Loss) => Promise<Answer>) | undefined
}

/**
 * Decides what becomes of the tables and columns that the new schema does not have: by the choices that were given, or by
 * asking. What has no rows and looks like nothing new is dropped.
 * @throws UsageError (`choice_missing`, `choice_unknown`)
 */
export async function decideLosses(from: Facts, to: Facts, options: QuestionOptions): Promise<Decisions> {
  const given = new Answers(options.choices)
  const decisions = new DecisionMaker(from, to)
  const missing: Loss[] = []
  const settle = async (losses: readonly Loss[], targets: (loss: Loss) => readonly string[]): Promise<void> => {
    const answers = new Map(losses.map((loss) => [loss, given.of(loss, targets(loss))]))
    const unclear = losses.filter((loss) => answers.get(loss) === undefined && loss.alike.length === 0)
    const filled = await options.areFilled(unclear)
    for (const [index, loss] of unclear.entries()) if (filled[index] === false) answers.set(loss, {kind: 'drop'})
    for (const [loss, known] of answers) {
      const answer = known ?? (await options.ask?.(loss))
      if (answer === undefined) missing.push(loss)
      else decisions.take(loss, answer)
    }
  }
  await settle(lostTables(from, to), () => newTables(from, to).map(shownName))
  await settle(lostColumns(from, to, decisions.renames.tables), (loss) =>
    newColumns(loss, to, decisions.renames.tables),
  )
  if (missing.length > 0) throw unanswered(missing)
  given.requireUsed()
  return decisions.made()
}

/** A table is called by its name, with the schema unless that is public. */
export function shownName({schema, name}: QualifiedName): string {
  return schema === 'public' ? name : `${schema}.${name}`
}

/** The key of a table that is called so: {@link shownName}. */
export function keyOfShown(text: string): string {
  const [first = '', ...rest] = text.split('.')
  return keyOf(rest.length === 0 ? {schema: 'public', name: first} : {schema: first, name: rest.join('.')})
}

function lostTables(from: Facts, to: Facts): Loss[] {
  const added = newTables(from, to)
  return [...from.tables.values()].flatMap((table): Loss[] => {
    if (to.tables.has(keyOf(table)) || isPartOfLoss(table, to)) return []
    return [
      {
        name: shownName(table),
        ...{table, column: null, computed: false},
        alike: added.filter((other) => isAlike(table, other)).map(shownName),
      },
    ]
  })
}

/** The rows of a partition go with its table, if that is gone or has no partitions any more. */
function isPartOfLoss({bound, parents}: Table, to: Facts): boolean {
  return bound !== null && parents.some((parent) => to.tables.get(keyOf(parent))?.partitioned !== true)
}

function newTables(from: Facts, to: Facts): Table[] {
  return [...to.tables.values()].filter((table) => !from.tables.has(keyOf(table)) && table.bound === null)
}

/** At least half of the columns are the same. */
function isAlike(table: Table, other: Table): boolean {
  const same = table.columns.filter(({name, type}) =>
    other.columns.some((column) => column.name === name && column.type === type),
  )
  return same.length > 0 && same.length * 2 >= Math.max(table.columns.length, other.columns.length)
}

/** The table as it is afterwards, with its new name. */
function afterwards(table: Table, to: Facts, renamed: ReadonlyMap<string, string>): Table | undefined {
  return to.tables.get(renamed.get(keyOf(table)) ?? keyOf(table))
}

const isOwn = ({local, generated}: Column): boolean => local && !generated

function lostColumns(from: Facts, to: Facts, renamed: ReadonlyMap<string, string>): Loss[] {
  return [...from.tables.values()].flatMap((table) => {
    const after = afterwards(table, to, renamed)
    if (after === undefined || table.bound !== null) return []
    return table.columns
      .filter(isOwn)
      .map((column) => ({column, other: after.columns.find(({name}) => name === column.name)}))
      .filter(({other}) => other === undefined || other.generated)
      .map(({column, other}): Loss => {
        const loss = {name: `${shownName(table)}.${column.name}`, table, column: column.name}
        const alike = addedColumns(table, after).filter(({type}) => type === column.type)
        return {...loss, computed: other !== undefined, alike: alike.map(({name}) => `${shownName(after)}.${name}`)}
      })
  })
}

function addedColumns(table: Table, after: Table): Column[] {
  return after.columns.filter((column) => isOwn(column) && !table.columns.some(({name}) => name === column.name))
}

function newColumns({table}: Loss, to: Facts, renamed: ReadonlyMap<string, string>): string[] {
  const after = afterwards(table, to, renamed)
  return after === undefined ? [] : addedColumns(table, after).map(({name}) => `${shownName(after)}.${name}`)
}

/** The choices of the command line, each of which has to be used. */
class Answers {
  private readonly unused: Set<string>

  constructor(private readonly choices: Choices) {
    this.unused = new Set([...choices.rename, ...choices.drop, ...choices.keep])
  }

  of({name, computed}: Loss, targets: readonly string[]): Answer | undefined {
    const {rename, drop, keep} = this.choices
    for (const choice of rename) {
      const at = choice.indexOf(':')
      if (!isCalled(name, choice.slice(0, at))) continue
      const to = targets.find((target) => isCalled(target, choice.slice(at + 1)))
      if (to === undefined) throw unknownChoice(`--rename ${choice}`, targets)
      return this.use(choice, {kind: 'rename', to})
    }
    const dropped = drop.find((choice) => isCalled(name, choice))
    if (dropped !== undefined) return this.use(dropped, {kind: 'drop'})
    const kept = keep.find((choice) => isCalled(name, choice))
    return kept === undefined || computed ? undefined : this.use(kept, {kind: 'keep'})
  }

  requireUsed(): void {
    const [first] = this.unused
    if (first !== undefined) throw unknownChoice(first, [])
  }

  private use(choice: string, answer: Answer): Answer {
    this.unused.delete(choice)
    return answer
  }
}

const isCalled = (name: string, given: string): boolean => given === name || given === `public.${name}`

function unknownChoice(choice: string, targets: readonly string[]): UsageError {
  const next =
    targets.length === 0
      ? 'Nothing of that name is missing in the new schema.'
      : `New in the schema: ${targets.join(', ')}`
  return new UsageError(`${choice} does not apply. Nothing was written.`, {code: 'choice_unknown', next: [next]})
}

function unanswered(losses: readonly Loss[]): UsageError {
  const words = losses.map(
    ({name, alike, computed}) =>
      `To answer, add: ${[...alike.map((to) => `--rename ${name}:${to}`), `--drop ${name}`, ...(computed ? [] : [`--keep ${name}`])].join(', or ')}`,
  )
  const names = losses.map(({name, computed}) => (computed ? `the values of ${name}` : name)).join(', ')
  return new UsageError(
    `The new schema does not have ${names}. Say what becomes of ${losses.length === 1 ? 'it' : 'them'}. Nothing was written.`,
    {
      code: 'choice_missing',
      next: words,
      details: {losses: losses.map(({name, column, alike}) => ({name, column: column !== null, alike}))},
    },
  )
}

class DecisionMaker {
  readonly renames = {tables: new Map<string, string>(), columns: new Map<string, string>()}
  private readonly statements: Statement[] = []
  private readonly back: Statement[] = []
  private readonly kept: Loss[] = []
  /** Schemas that tables come from or go to, and that are not there on that side. */
  private readonly schemas = {there: new Set<string>(), back: new Set<string>()}

  constructor(
    private readonly from: Facts,
    private readonly to: Facts,
  ) {}

  take(loss: Loss, answer: Answer): void {
    if (answer.kind === 'keep') this.kept.push(loss)
    if (answer.kind !== 'rename') return
    if (loss.column === null) this.renameTable(loss.table, answer.to)
    else this.renameColumn(loss, loss.column, answer.to)
  }

  made(): Decisions {
    const {statements, back, renames, kept, schemas} = this
    const made = (names: ReadonlySet<string>): Statement[] =>
      [...names].map((name) => statement(`CREATE SCHEMA ${escapeIdentifier(name)}`))
    return {
      statements: [...made(schemas.there), ...statements],
      back: [...made(schemas.back), ...[...back].reverse()],
      ...{renames, kept},
    }
  }

  private renameTable(table: Table, to: string): void {
    const after = newTables(this.from, this.to).find((other) => shownName(other) === to)
    if (after === undefined) throw new TypeError('a table is renamed to one that is not new')
    this.renames.tables.set(keyOf(table), keyOf(after))
    if (after.schema !== table.schema) {
      if (!this.from.base.has({kind: 'schema', name: after.schema})) this.schemas.there.add(after.schema)
      if (!this.to.base.has({kind: 'schema', name: table.schema})) this.schemas.back.add(table.schema)
      this.statements.push(statement(`ALTER TABLE ${sqlName(table)} SET SCHEMA ${escapeIdentifier(after.schema)}`))
    }
    const moved = {schema: after.schema, name: table.name}
    if (after.name !== table.name)
      this.statements.push(statement(`ALTER TABLE ${sqlName(moved)} RENAME TO ${escapeIdentifier(after.name)}`))
    if (after.schema !== table.schema)
      this.back.push(statement(`ALTER TABLE ${sqlName(moved)} SET SCHEMA ${escapeIdentifier(table.schema)}`))
    if (after.name !== table.name)
      this.back.push(statement(`ALTER TABLE ${sqlName(after)} RENAME TO ${escapeIdentifier(table.name)}`))
  }

  private renameColumn({table, computed}: Loss, column: string, to: string): void {
    const after = afterwards(table, this.to, this.renames.tables)
    const found = after?.columns.find(({name}) => `${shownName(after)}.${name}` === to)
    if (after === undefined || found === undefined) throw new TypeError('a column is renamed to one that is not new')
    const [old, wanted] = [escapeIdentifier(column), escapeIdentifier(found.name)]
    this.renames.columns.set(JSON.stringify([table.schema, table.name, column]), found.name)
    this.statements.push(statement(`ALTER TABLE ${sqlName(after)} RENAME COLUMN ${old} TO ${wanted}`))
    this.back.push(statement(`ALTER TABLE ${sqlName(after)} RENAME COLUMN ${wanted} TO ${old}`))
    // What is computed now has its name.
    if (computed) this.back.push(statement(`ALTER TABLE ${sqlName(after)} DROP COLUMN ${old}`))
  }
}
