import {escapeIdentifier, escapeLiteral} from '../postgres/wire/escape.js'
import {createWhole} from './create-table.js'
import {exampleOf} from './examples.js'
import {
  type Column,
  type Facts,
  keyOf,
  planActions,
  type QualifiedName,
  type Sequence,
  sqlName,
  type Table,
} from './facts.js'
import type {Refusal} from './laboratory.js'
import type {Action, StableId} from './pg-delta.js'
import {type Continuation, type Move, Preparations} from './preparations.js'
import {forAnyRole, onAnyVersion} from './roles.js'
import {type Statement, statement} from './statement.js'

export interface DraftOptions {
  from: Facts
  to: Facts
  /** Renames of tables and columns, which come first. */
  renames: readonly Statement[]
  /** Drops of what pg-delta does not know, which come before what it does, unless that uses what they drop. */
  unknown: readonly Statement[]
  /** Tables that are made again, by {@link keyOf}. */
  rebuilt: ReadonlySet<string>
  /** Reads what the old schema is after these statements. */
  after: (statements: readonly Statement[]) => Promise<Facts | Refusal>
}

/** A proposal that nobody has tried yet. */
export interface Draft {
  /** New values of enums: they can be used only when they are committed. */
  values: Statement[]
  statements: Statement[]
  /** The schema to which pg-delta's statements are applied. */
  prepared: Facts
}

const maxRounds = 5

/** Has pg-delta propose a change, after what is needed so that it loses nothing. @throws SqlError if a rename is refused */
export async function draftChange(options: DraftOptions): Promise<Draft> {
  const {from, to, renames, unknown, rebuilt, after} = options
  const preparations = new Preparations()
  let first = [...renames, ...unknown]
  const prepared = async (): Promise<Facts | Refusal> => {
    const statements = [...first, ...preparations.statements]
    return statements.length === 0 ? from : after(statements)
  }
  let facts = await prepared()
  if ('error' in facts && unknown.length > 0) {
    first = [...renames]
    facts = await prepared()
  }
  if ('error' in facts) throw facts.error
  const last = first.length === renames.length ? unknown : []
  let pending = rebuilt
  for (let round = 1; ; round++) {
    // Where pg-delta has no way, the difference that is left is named.
    const actions = await planActions(facts, to).catch(() => undefined)
    const usable = preparations.statements.length
    if (round === maxRounds || !preparations.add(facts, to, actions, pending))
      return finish(actions ?? [], facts, to, {first, last}, preparations)
    const next = await prepared()
    if ('error' in next) {
      // What is refused is left out with all that come after it.
      preparations.statements.splice(usable)
      if (preparations.isAttempt) continue
      return finish(actions ?? [], facts, to, {first, last}, preparations)
    }
    if (preparations.moves.length > 0) pending = new Set()
    facts = next
  }
}

function finish(
  actions: readonly Action[],
  prepared: Facts,
  to: Facts,
  {first, last}: {first: readonly Statement[]; last: readonly Statement[]},
  {statements, moves, continuations}: Preparations,
): Draft {
  const made = new Set(actions.flatMap(({produces}) => produces.map(textOf)))
  const kept = actions.flatMap((action): Statement[] => {
    const sql = ownerless(action, prepared.role, made)
    if (sql === undefined || isIdle(action, prepared)) return []
    return onAnyVersion(sql).map((each) => ({sql: each, comments: [], action}))
  })
  const isValue = ({sql}: Statement): boolean => /^ALTER TYPE .* ADD VALUE /.test(sql)
  let rest = createWhole(
    kept.filter((each) => !isValue(each)),
    to,
  )
  for (const move of moves) rest = withRows(rest, move, prepared, to)
  for (const continuation of continuations) rest = withValue(rest, continuation, prepared, to)
  rest = rest.flatMap((each) => [...valueBefore(each, prepared, to), each])
  return {values: kept.filter(isValue), statements: [...first, ...statements, ...rest, ...last], prepared}
}

const textOf = (id: StableId): string => JSON.stringify(id)

/** The owner of what is made is the role that makes it, under whatever name. */
function ownerless({sql, consumes, produces}: Action, role: string, made: ReadonlySet<string>): string | undefined {
  const isMade = [...consumes, ...produces].some(
    (id) => id.kind !== 'role' && id.kind !== 'schema' && made.has(textOf(id)),
  )
  if (isMade && sql.endsWith(`OWNER TO ${escapeIdentifier(role)}`)) return undefined
  return forAnyRole(sql, role).replaceAll('__pgdelta_replaced', '_replaced')
}

const dropDefault = / ALTER COLUMN \S+ DROP DEFAULT$/

/** pg-delta drops the default of each column whose type it changes, also where there is none. */
function isIdle({sql, consumes, releases}: Action, {tables}: Facts): boolean {
  if (!dropDefault.test(sql)) return false
  const column = [...consumes, ...releases].find((id) => id.kind === 'column')
  if (column?.kind !== 'column') return false
  const table = tables.get(keyOf({schema: column.schema, name: column.table}))
  const found = table?.columns.find(({name}) => name === column.name)
  return found !== undefined && found.default === null && !found.generated
}

/** Copies the rows of an old table as soon as the new one has its columns and partitions, and drops the old one then. */
function withRows(statements: readonly Statement[], saved: Move, prepared: Facts, wanted: Facts): Statement[] {
  const {from, to} = saved
  const [old, made] = [prepared.tables.get(keyOf(from)), wanted.tables.get(keyOf(to))]
  if (old === undefined || made === undefined) return [...statements]
  const news = new Set([keyOf(to), ...partitionsOf(keyOf(to), wanted)])
  const olds = new Set([keyOf(from), ...partitionsOf(keyOf(from), prepared)])
  const isDrop = ({action}: Statement): boolean =>
    action?.verb === 'drop' && action.destroys.some((id) => isTableIn(id, olds))
  const drops = statements.filter(isDrop).map((each) => ({...each, needs: saved}))
  const others = statements.filter((each) => !isDrop(each))
  const last = others.findLastIndex(({action}) =>
    action?.produces.some((id) => isTableIn(id, news) || (id.kind === 'column' && news.has(tableOf(id)))),
  )
  return [...others.slice(0, last + 1), {...copyRows(old, made), saves: saved}, ...drops, ...others.slice(last + 1)]
}

const isTableIn = (id: StableId, keys: ReadonlySet<string>): boolean => id.kind === 'table' && keys.has(keyOf(id))

const tableOf = ({schema, table}: {schema: string; table: string}): string => keyOf({schema, name: table})

/** Partitions of a table, and their partitions. */
function partitionsOf(key: string, facts: Facts): string[] {
  const children = [...facts.tables.values()].filter(
    ({bound, parents}) => bound !== null && parents.some((parent) => keyOf(parent) === key),
  )
  return children.flatMap((child) => [keyOf(child), ...partitionsOf(keyOf(child), facts)])
}

function copyRows(old: Table, made: Table): Statement {
  const isOld = ({name}: Column): boolean => old.columns.some((column) => column.name === name)
  const common = made.columns.filter((column) => !column.generated && isOld(column))
  const required = made.columns.filter((column) => column.notNull && isUnset(column) && !isOld(column))
  const names = [...common, ...required].map(({name}) => escapeIdentifier(name)).join(', ')
  const identity = common.some((column) => column.identity) ? ' OVERRIDING SYSTEM VALUE' : ''
  const only = old.partitioned ? '' : 'ONLY '
  const copy = (values: readonly string[]): string =>
    `INSERT INTO ${sqlName(made)} (${names})${identity} SELECT ${values.join(', ')} FROM ${only}${sqlName(old)}`
  const values = common.map(({name, type}) => {
    const same = old.columns.find((column) => column.name === name)?.type === type
    return same ? escapeIdentifier(name) : `${escapeIdentifier(name)}::${type}`
  })
  if (required.length === 0) return statement(copy(values))
  const message = `NOT PROVED: ${required.map(({name}) => name).join(', ')} takes no NULL. Complete this:`
  return {
    ...statement(copy([...values, ...required.map(({type}) => exampleOf(type))]), message),
    open: copy([...values, ...required.map(() => '…')]),
  }
}

const isUnset = ({default: expression, identity, generated}: Column): boolean =>
  expression === null && !identity && !generated

/** A new sequence goes on where the old one was, which is still there for that. */
function withValue(
  statements: readonly Statement[],
  continuation: Continuation,
  prepared: Facts,
  wanted: Facts,
): Statement[] {
  const {from, to} = continuation
  const [value, isCalled] = valueWithin(prepared.sequences.get(keyOf(from)), wanted.sequences.get(keyOf(to)))
  const sql = `SELECT setval(${escapeLiteral(sqlName(to))}, ${value}, ${isCalled}) FROM ${sqlName(from)}`
  const setValue: Statement = {...statement(sql), saves: continuation}
  const isDrop = ({sql: text, action}: Statement): boolean =>
    action?.destroys.some((id) => isSequence(id, from)) === true ||
    (text.endsWith(' DROP IDENTITY') && action?.consumes.some((id) => isColumn(id, continuation)) === true)
  const drops = statements.filter(isDrop).map((each) => ({...each, needs: continuation}))
  const others = statements.filter((each) => !isDrop(each))
  const made = others.findLastIndex(({sql: text, action}) =>
    [...(action?.produces ?? []), ...(text.includes(' AS IDENTITY') ? (action?.consumes ?? []) : [])].some(
      (id) => isSequence(id, to) || isColumn(id, continuation),
    ),
  )
  if (made === -1) return [...others, setValue, ...drops]
  return [...others.slice(0, made + 1), setValue, ...drops, ...others.slice(made + 1)]
}

/** The present value of a sequence within other limits, and whether it was given out, as SQL. */
function valueWithin(before: Sequence | undefined, after: Sequence | undefined): [value: string, isCalled: string] {
  const raised = before && after && BigInt(after.minimum) > BigInt(before.minimum) ? after.minimum : undefined
  const lowered = before && after && BigInt(after.maximum) < BigInt(before.maximum) ? after.maximum : undefined
  const least = raised === undefined ? 'last_value' : `greatest(last_value, ${raised})`
  return [
    lowered === undefined ? least : `least(${least}, ${lowered})`,
    raised === undefined ? 'is_called' : `is_called AND last_value >= ${raised}`,
  ]
}

const isSequence = (id: StableId, {schema, name}: QualifiedName): boolean =>
  id.kind === 'sequence' && id.schema === schema && id.name === name

const isColumn = (id: StableId, {table, column}: Continuation): boolean =>
  id.kind === 'column' && tableOf(id) === keyOf(table) && id.name === column

/** A sequence must be within its new limits before it gets them. */
function valueBefore({sql}: Statement, prepared: Facts, to: Facts): Statement[] {
  if (!sql.startsWith('ALTER SEQUENCE ')) return []
  for (const [key, sequence] of prepared.sequences) {
    if (!sql.startsWith(`ALTER SEQUENCE ${sqlName(sequence)} `) || !/ (?:MIN|MAX)VALUE /.test(sql)) continue
    const [value, isCalled] = valueWithin(sequence, to.sequences.get(key))
    if (value === 'last_value') return []
    return [
      statement(`SELECT setval(${escapeLiteral(sqlName(sequence))}, ${value}, ${isCalled}) FROM ${sqlName(sequence)}`),
    ]
  }
  return []
}
