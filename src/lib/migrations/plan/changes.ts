import type {ColumnState, ConstraintState, IndexState, Look, RelationState} from './relations.js'
import type {LockMode, PlannedIndex} from './types.js'

/** A table with something of it. */
interface Of {
  /** The oid of the table. */
  table: number
}

export interface IndexChange extends Of {
  index: IndexState
  how: PlannedIndex['how']
  /** Whether an index of the same name was there. */
  again: boolean
}

export interface ConstraintChange extends Of {
  constraint: ConstraintState
  added: boolean
  /** Whether its validation reads the rows of the table. */
  reads: boolean
}

export interface ColumnChange extends Of {
  before: ColumnState
  after: ColumnState
}

/** What a statement did. Tables are oids of the copy. */
export interface StatementFacts {
  file: string
  line: number
  /** The whole text. */
  text: string
  /** The server's command tags, without numbers: `ALTER TABLE`. */
  tags: string[]
  alone: boolean
  /** The strongest of the modes that the transaction did not hold before. */
  locks: Map<number, LockMode>
  /** The strongest mode that the transaction holds after it. */
  held: Map<number, LockMode>
  /** Of which table each was a partition before the statement. */
  parents: Map<number, number>
  rewrites: number[]
  scans: number[]
  indexes: IndexChange[]
  constraints: ConstraintChange[]
  /** Tables as they were. */
  droppedTables: RelationState[]
  truncated: number[]
  /** Tables that became partitions. */
  attached: number[]
  renamedTables: (Of & {before: RelationState; after: RelationState})[]
  droppedColumns: (Of & {column: ColumnState})[]
  newColumns: (Of & {column: ColumnState})[]
  /** Columns whose name, type or NOT NULL is another. */
  changedColumns: ColumnChange[]
}

/** What the session knew before a statement. */
export interface Before {
  relations: ReadonlyMap<number, RelationState>
  modes: ReadonlyMap<number, readonly string[]>
  scans: ReadonlyMap<number, number>
}

const modes: readonly LockMode[] = [
  ...(['RowExclusive', 'ShareUpdateExclusive', 'Share', 'ShareRowExclusive', 'Exclusive', 'AccessExclusive'] as const),
]

/** Whether a mode is at least as strong as another. */
export function isAtLeast(mode: LockMode | undefined, least: LockMode): boolean {
  return mode !== undefined && modes.indexOf(mode) >= modes.indexOf(least)
}

/** The strongest of the server's modes; undefined for those of readers. */
function strongest(names: readonly string[]): LockMode | undefined {
  return modes.findLast((mode) => names.includes(`${mode}Lock`))
}

type Statement = Pick<StatementFacts, 'file' | 'line' | 'text' | 'tags' | 'alone'>

/** Compares what was before a statement with what is after it. */
export function factsOf(statement: Statement, before: Before, after: Look): StatementFacts {
  const pairs = [...after.relations.values()].flatMap((now): Pair[] => {
    const was = before.relations.get(now.oid)
    return was === undefined ? [] : [{was, now}]
  })
  const truncates = statement.tags.includes('TRUNCATE TABLE')
  const moved = pairs.filter(({was, now}) => was.file !== now.file).map(({now}) => now.oid)
  const rewrites = truncates ? [] : moved
  const truncated = truncates ? moved : []
  const constraints = pairs.flatMap(constraintChanges)
  const locks = new Map(
    [...after.modes].map(([oid, names]) => [oid, names.filter((name) => !before.modes.get(oid)?.includes(name))]),
  )
  return {
    ...statement,
    locks: withRewrites(strongestOf(locks), statement.alone ? rewrites : []),
    held: withRewrites(strongestOf(after.modes), statement.alone ? rewrites : []),
    parents: parentsOf([...after.modes.keys()], before),
    rewrites,
    truncated,
    attached: pairs.filter(({was, now}) => was.parent === null && now.parent !== null).map(({now}) => now.oid),
    scans: scansOf(pairs, before, constraints).filter((oid) => !truncated.includes(oid)),
    indexes: pairs.flatMap((pair) => indexChanges(pair, statement.alone, moved.includes(pair.now.oid))),
    constraints,
    droppedTables: after.gone.flatMap((oid) => before.relations.get(oid) ?? []),
    renamedTables: pairs
      .filter(({was, now}) => was.name !== now.name || was.schema !== now.schema)
      .map(({was, now}) => ({table: now.oid, before: was, after: now})),
    ...columnChanges(pairs),
  }
}

function parentsOf(oids: readonly number[], {relations}: Before): Map<number, number> {
  return new Map(
    oids.flatMap((oid): [number, number][] => {
      const parent = relations.get(oid)?.parent ?? null
      return parent === null ? [] : [[oid, parent]]
    }),
  )
}

interface Pair {
  was: RelationState
  now: RelationState
}

function strongestOf(all: ReadonlyMap<number, readonly string[]>): Map<number, LockMode> {
  return new Map(
    [...all].flatMap(([oid, names]): [number, LockMode][] => {
      const mode = strongest(names)
      return mode === undefined ? [] : [[oid, mode]]
    }),
  )
}

/** Locks of a statement that commits by itself are gone afterwards; one that rewrites a table holds the strongest. */
function withRewrites(locks: Map<number, LockMode>, rewrites: readonly number[]): Map<number, LockMode> {
  for (const oid of rewrites) locks.set(oid, 'AccessExclusive')
  return locks
}

/** A foreign key is validated by a query whose plan depends on the rows, so its scans are told by its validation. */
function scansOf(pairs: readonly Pair[], before: Before, constraints: readonly ConstraintChange[]): number[] {
  const keys = constraints.filter(({constraint}) => constraint.kind === 'f' && constraint.valid)
  const counted = pairs.filter(({now}) => now.scans > (before.scans.get(now.oid) ?? 0)).map(({now}) => now.oid)
  const read = keys.filter(({reads}) => reads).map(({table}) => table)
  const other = keys.map(({constraint}) => constraint.other)
  return [...new Set([...counted.filter((oid) => !other.includes(oid) || read.includes(oid)), ...read])]
}

function indexChanges({was, now}: Pair, alone: boolean, rewritten: boolean): IndexChange[] {
  return now.indexes.flatMap((index): IndexChange[] => {
    const same = was.indexes.find(({oid}) => oid === index.oid)
    const again = was.indexes.some(({quoted}) => quoted === index.quoted)
    const at = {table: now.oid, index, again}
    if (same !== undefined) return same.file === index.file || rewritten ? [] : [{...at, how: 'rebuilt', again: true}]
    if (alone) return [{...at, how: 'concurrently'}]
    return [{...at, how: again ? 'rebuilt' : 'built'}]
  })
}

function constraintChanges({was, now}: Pair): ConstraintChange[] {
  return now.constraints.flatMap((constraint): ConstraintChange[] => {
    const same = was.constraints.find(({oid}) => oid === constraint.oid)
    if (same !== undefined && same.valid === constraint.valid) return []
    // The column of a foreign key that is made with it has no values yet, so Postgres reads nothing.
    const isNew = constraint.columns.every((number) => !was.columns.some((column) => column.number === number))
    const reads = constraint.valid && (constraint.kind === 'c' || !isNew)
    return [{table: now.oid, constraint, added: same === undefined, reads}]
  })
}

function columnChanges(
  pairs: readonly Pair[],
): Pick<StatementFacts, 'droppedColumns' | 'newColumns' | 'changedColumns'> {
  const dropped = ({was, now}: Pair): StatementFacts['droppedColumns'] =>
    was.columns.filter(({number}) => columnOf(now, number) === undefined).map((column) => ({table: now.oid, column}))
  const made = ({was, now}: Pair): StatementFacts['newColumns'] =>
    now.columns.filter(({number}) => columnOf(was, number) === undefined).map((column) => ({table: now.oid, column}))
  const changed = ({was, now}: Pair): ColumnChange[] =>
    now.columns.flatMap((after) => {
      const before = columnOf(was, after.number)
      const same = before?.name === after.name && before.type === after.type && before.notNull === after.notNull
      return before === undefined || same ? [] : [{table: now.oid, before, after}]
    })
  return {
    droppedColumns: pairs.flatMap(dropped),
    newColumns: pairs.flatMap(made),
    changedColumns: pairs.flatMap(changed),
  }
}

function columnOf({columns}: RelationState, wanted: number): ColumnState | undefined {
  return columns.find(({number}) => number === wanted)
}
