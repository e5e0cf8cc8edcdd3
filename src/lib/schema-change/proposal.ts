import {compareSchemas, differingObjects, isOrderOnly, type SchemaDifference} from '../dumps/compare.js'
import type {SchemaObject} from '../dumps/schema-objects.js'
import {draftChange} from './draft.js'
import {type Facts, keyOf, type Table} from './facts.js'
import type {TrialResult} from './laboratory.js'
import {lossesOf} from './losses.js'
import {advance, dropUnknown} from './repair.js'
import {Trials} from './trials.js'
import type {Gap, Proposal, ProposalOptions, State} from './types.js'

/** Proposes the statements from one schema to another, tries them, and repairs what the trials show. */
export async function propose(options: ProposalOptions): Promise<Proposal> {
  const {from, to, laboratory, rebuilt} = options
  const unknown = dropUnknown(differingObjects(from.sql, to.sql), from.facts.role)
  const draft = await draftChange({
    ...{from: from.facts, to: to.facts, rebuilt},
    ...{renames: options.first, unknown},
    after: (statements) => laboratory.factsAfter(statements),
  })
  const trials = await Trials.of(draft, options)
  const {steps, gaps, result} = await trials.improve()
  const unordered = unorderedTables(result.sql, to, draft.prepared).filter(
    (key) => !rebuilt.has(key) && !options.anyOrder.has(key),
  )
  if (unordered.length > 0) return propose({...options, rebuilt: new Set([...rebuilt, ...unordered])})
  return {steps, gaps: [...gaps, ...gapsOf(result, options)]}
}

/** Tables of which only the order of the columns is not as wanted, and that have the columns which they had. */
function unorderedTables(sql: string, {sql: wanted, facts: {tables}}: State, {tables: before}: Facts): string[] {
  return differingObjects(sql, wanted).flatMap(({one, other}) => {
    if (one === undefined || other === undefined || one.type !== 'TABLE' || !isOrderOnly(one, other)) return []
    const key = tableKey(one)
    const [old, made] = [before.get(key), tables.get(key)]
    const names = (table: Table | undefined): string => JSON.stringify(table?.columns.map(({name}) => name).sort())
    return old?.parents.length === 0 && names(old) === names(made) ? [key] : []
  })
}

/** What a change that was tried has not done, or not kept. */
export function gapsOf({sql, rows, behind}: TrialResult, {from, to, renames, anyOrder}: ProposalOptions): Gap[] {
  const meant = new Set(
    [...anyOrder].map((key) => {
      const [schema = '', name = ''] = JSON.parse(key) as string[]
      return `table ${schema}.${name}`
    }),
  )
  return [
    ...compareSchemas(sql, to.sql)
      .filter((difference) => !difference.orderOnly || !meant.has(difference.object))
      .map(gapOfDifference),
    ...lossesOf(from, {facts: to.facts, rows}, renames).map(({table, column, message}): Gap => ({
      message: `${column === null ? table : `${table}.${column}`}: ${message}.`,
      sql: [],
      placed: false,
      losesRows: true,
    })),
    ...behind.map((sequence): Gap => ({
      message: `The next value of ${sequence.sequenceSql} may be in ${sequence.tableSql} already.`,
      sql: advance([sequence]).map((each) => `${each.sql};`),
      placed: false,
    })),
  ]
}

function gapOfDifference({object, in: where, orderOnly, lines}: SchemaDifference): Gap {
  const wanted = lines.map(({text}) => text)
  if (where === 'b') return {message: `Missing: ${object}.`, sql: wanted, placed: false}
  if (where === 'a') return {message: `Left over: ${object}.`, sql: [], placed: false}
  const table = object.replace(/^table (?:public\.)?/, '')
  if (orderOnly)
    return {
      message: `The columns of ${table} are in another order: new columns come last. Move them in the file, or rebuild the table with --rebuild ${table}.`,
      sql: [],
      placed: false,
    }
  const changed = lines.filter((line) => line.in !== 'both')
  return {
    message: `Not as wanted: ${object}. What it is (-) and what is wanted (+):`,
    sql: changed.map((line) => `${line.in === 'a' ? '-' : '+'} ${line.text}`),
    placed: false,
  }
}

const tableKey = ({schema, name}: SchemaObject): string => keyOf({schema: schema ?? '', name})
