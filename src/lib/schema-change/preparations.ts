import {escapeIdentifier} from '../postgres/wire/escape.js'
import {type Facts, keyOf, type QualifiedName, type Sequence, sqlName, type Table, type TablePart} from './facts.js'
import type {Action} from './pg-delta.js'
import {type Statement, statement} from './statement.js'

/** A table that is made again, under whose name its rows must be afterwards. */
export interface Move {
  from: QualifiedName
  to: QualifiedName
}

/** A sequence that is made again, and goes on where the old one was. */
export interface Continuation {
  from: QualifiedName
  to: QualifiedName
  /** The column that owns the new one. */
  table: QualifiedName
  column: string
}

/**
 * What is done before pg-delta compares the schemas, so that nothing is lost that it would drop and create: what keeps its
 * content is renamed, and what is made again gets out of the way under another name.
 */
export class Preparations {
  readonly statements: Statement[] = []
  readonly moves: Move[] = []
  readonly continuations: Continuation[] = []
  /** Whether the last ones may be refused, so that others are to be tried. */
  isAttempt = false
  /** Tables that were attached or detached, which is tried once. */
  private readonly attached = new Set<string>()

  /**
   * Adds what the next comparison needs. `from` is the schema with all preparations so far, `actions` what pg-delta would do
   * with it; undefined if it has no way. Returns whether anything was added.
   */
  add(from: Facts, to: Facts, actions: readonly Action[] | undefined, rebuilt: ReadonlySet<string>): boolean {
    const before = this.statements.length
    this.isAttempt = false
    this.renameParts(from, to)
    this.renameDomains(from, to)
    this.continueSequences(from, to)
    this.keepGenerated(from, to)
    if (this.statements.length === before) this.keepTables(from, to, actions ?? [], rebuilt)
    return this.statements.length > before
  }

  private run(sql: string): void {
    this.statements.push(statement(sql))
  }

  /** Constraints, indexes, triggers and sequences that only have another name, for example since their table was renamed. */
  private renameParts(from: Facts, to: Facts): void {
    const [before, after] = [partsByTable(from), partsByTable(to)]
    const required: string[] = []
    for (const [key, parts] of before) {
      const wanted = after.get(key) ?? []
      const free = wanted.filter((part) => !parts.some((other) => isSameName(part, other)))
      for (const part of parts) {
        if (wanted.some((other) => isSameName(part, other))) continue
        const at = free.findIndex(({kind, definition}) => kind === part.kind && definition === part.definition)
        const [found] = at === -1 ? [] : free.splice(at, 1)
        if (found === undefined) continue
        if (part.kind === 'not null') required.push(renamePart(part, found.name))
        else this.run(renamePart(part, found.name))
      }
    }
    this.renameNotNulls(required)
    for (const sequence of from.sequences.values()) {
      const [before, after] = [columnOf(from, sequence), columnOf(to, sequence)]
      if (this.isAside(sequence) || before?.identity !== after?.identity) continue
      const found = [...to.sequences.values()].find((other) => isOwnedAlike(sequence, other))
      if (found === undefined || found.schema !== sequence.schema || found.name === sequence.name) continue
      if (to.sequences.has(keyOf(sequence)) || from.sequences.has(keyOf(found))) continue
      this.run(`ALTER SEQUENCE ${sqlName(sequence)} RENAME TO ${escapeIdentifier(found.name)}`)
    }
  }

  /** What takes no NULL has a name since Postgres 18. */
  private renameNotNulls(renames: readonly string[]): void {
    if (renames.length === 0) return
    const lines = renames.map((sql) => `    ${sql};\n`).join('')
    const since18 = "IF current_setting('server_version_num')::int >= 180000 THEN"
    this.run(`DO $$\nBEGIN\n  ${since18}\n${lines}  END IF;\nEND $$`)
  }

  /** A domain whose type changes cannot be replaced while columns use it: they change from the old domain to the new one. */
  private renameDomains(from: Facts, to: Facts): void {
    for (const [key, domain] of from.domains) {
      const wanted = to.domains.get(key)
      if (wanted !== undefined && wanted.base !== domain.base)
        this.run(`ALTER DOMAIN ${sqlName(domain)} RENAME TO ${escapeIdentifier(asideName(domain.name, from, to))}`)
    }
  }

  /** The sequence of a serial column that becomes an identity, and the other way round. */
  private continueSequences(from: Facts, to: Facts): void {
    for (const sequence of from.sequences.values()) {
      const [before, after] = [columnOf(from, sequence), columnOf(to, sequence)]
      if (before === undefined || after === undefined || before.identity === after.identity) continue
      if (this.isAside(sequence)) continue
      const next = [...to.sequences.values()].find((other) => isOwnedAlike(sequence, other))
      if (next !== undefined) this.setAside(sequence, next, from, to)
    }
  }

  private isAside(sequence: Sequence): boolean {
    return this.continuations.some((continuation) => keyOf(continuation.from) === keyOf(sequence))
  }

  private setAside(sequence: Sequence, next: Sequence, from: Facts, to: Facts): void {
    const name = asideName(sequence.name, from, to)
    this.run(`ALTER SEQUENCE ${sqlName(sequence)} RENAME TO ${escapeIdentifier(name)}`)
    const {table, column} = next
    if (table === null || column === null) throw new TypeError('a sequence without a column has nothing to continue')
    this.continuations.push({from: {schema: sequence.schema, name}, to: next, table, column})
  }

  /** Generated columns that become plain keep their values, and those in the way of a change of type are made again. */
  private keepGenerated(from: Facts, to: Facts): void {
    for (const [key, table] of from.tables) {
      const wanted = to.tables.get(key)
      if (wanted === undefined) continue
      const altered = alteredColumns(table, wanted)
      for (const column of table.columns.filter(({generated}) => generated)) {
        const after = wanted.columns.find(({name}) => name === column.name)
        const alter = `ALTER TABLE ${sqlName(table)}`
        if (after?.generated === false)
          this.run(`${alter} ALTER COLUMN ${escapeIdentifier(column.name)} DROP EXPRESSION`)
        else if (after !== undefined && usesColumns(from, table, column.name, altered))
          this.run(`${alter} DROP COLUMN ${escapeIdentifier(column.name)}`)
      }
    }
  }

  /** Tables that pg-delta would drop and create: partitions are attached or detached, others filled from the old table. */
  private keepTables(from: Facts, to: Facts, actions: readonly Action[], rebuilt: ReadonlySet<string>): void {
    const dropped = new Set(
      actions.flatMap(({destroys}) => destroys.flatMap((id) => (id.kind === 'table' ? [keyOf(id)] : []))),
    )
    const replaced = [...from.tables.values()].filter(
      (table) => to.tables.has(keyOf(table)) && (dropped.has(keyOf(table)) || rebuilt.has(keyOf(table))),
    )
    const keys = new Set(replaced.map(keyOf))
    const attaching: string[] = []
    for (const table of replaced) {
      const wanted = to.tables.get(keyOf(table))
      if (wanted === undefined) continue
      const isAlone = [...table.parents, ...wanted.parents].every((parent) => !keys.has(keyOf(parent)))
      const attach = isAlone && !rebuilt.has(keyOf(table)) ? this.attach(table, wanted, from, to) : undefined
      if (attach !== undefined) attaching.push(...attach)
      else this.moveAside(table, wanted, from, to, keys)
    }
    // When all have left their places, for these may overlap.
    for (const sql of attaching) this.run(sql)
    this.isAttempt = attaching.length > 0 || [...this.attached].some((key) => keys.has(key))
  }

  /** Detaches a partition, and returns the statement that attaches it; undefined if that cannot be enough. */
  private attach(table: Table, wanted: Table, from: Facts, to: Facts): string[] | undefined {
    const key = keyOf(table)
    const [old] = table.parents
    const [parent] = wanted.parents
    if (this.attached.has(key) || (table.bound === null && wanted.bound === null)) return undefined
    if (table.partitioned !== wanted.partitioned) return undefined
    if (wanted.bound !== null && (parent === undefined || from.tables.get(keyOf(parent))?.partitioned !== true))
      return undefined
    if (table.bound === null && table.parents.length > 0) return undefined
    if (wanted.bound !== null && parent !== undefined && !to.tables.has(keyOf(parent))) return undefined
    this.attached.add(key)
    if (table.bound !== null && old !== undefined)
      this.run(`ALTER TABLE ${sqlName(old)} DETACH PARTITION ${sqlName(table)}`)
    return wanted.bound === null || parent === undefined
      ? []
      : [`ALTER TABLE ${sqlName(parent)} ATTACH PARTITION ${sqlName(table)} ${wanted.bound}`]
  }

  private moveAside(table: Table, wanted: Table, from: Facts, to: Facts, replaced: ReadonlySet<string>): void {
    const aside = {schema: table.schema, name: asideName(table.name, from, to)}
    const [parent] = table.parents
    // Its place is taken by the new one.
    if (table.bound !== null && parent !== undefined && !replaced.has(keyOf(parent)))
      this.run(`ALTER TABLE ${sqlName(parent)} DETACH PARTITION ${sqlName(table)}`)
    this.run(`ALTER TABLE ${sqlName(table)} RENAME TO ${escapeIdentifier(aside.name)}`)
    for (const index of table.indexes)
      this.run(
        `ALTER INDEX ${sqlName({...table, name: index})} RENAME TO ${escapeIdentifier(asideName(index, from, to))}`,
      )
    const required = from.parts.filter((part) => part.kind === 'not null' && keyOf(part.table) === keyOf(table))
    this.renameNotNulls(required.map((part) => renamePart({...part, table: aside}, asideName(part.name, from, to))))
    for (const sequence of from.sequences.values()) {
      if (sequence.table === null || keyOf(sequence.table) !== keyOf(table)) continue
      const next = [...to.sequences.values()].find((other) => isOwnedAlike(sequence, other))
      if (next !== undefined) this.setAside(sequence, next, from, to)
    }
    // The rows of a partition come with those of its table.
    if (table.bound !== null && table.parents.some((parent) => replaced.has(keyOf(parent)))) return
    this.moves.push({from: aside, to: {schema: wanted.schema, name: wanted.name}})
  }
}

const maxNameBytes = 63

/** A name that nothing has, for what is about to be replaced. */
function asideName(name: string, from: Facts, to: Facts): string {
  const taken = new Set(
    [from, to].flatMap(({tables, sequences, domains}) => [
      ...[...tables.values()].flatMap((table) => [table.name, ...table.indexes]),
      ...[...sequences.values(), ...domains.values()].map((each) => each.name),
    ]),
  )
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '_replaced' : `_replaced${number}`
    let stem = name
    while (Buffer.byteLength(stem + suffix) > maxNameBytes) stem = [...stem].slice(0, -1).join('')
    if (!taken.has(stem + suffix)) return stem + suffix
  }
}

function partsByTable({parts}: Facts): Map<string, TablePart[]> {
  const found = new Map<string, TablePart[]>()
  for (const part of parts) found.set(keyOf(part.table), [...(found.get(keyOf(part.table)) ?? []), part])
  return found
}

const isSameName = (part: TablePart, other: TablePart): boolean => part.kind === other.kind && part.name === other.name

function renamePart({kind, table, name}: TablePart, to: string): string {
  const [old, wanted] = [escapeIdentifier(name), escapeIdentifier(to)]
  if (kind === 'constraint' || kind === 'not null')
    return `ALTER TABLE ${sqlName(table)} RENAME CONSTRAINT ${old} TO ${wanted}`
  if (kind === 'trigger') return `ALTER TRIGGER ${old} ON ${sqlName(table)} RENAME TO ${wanted}`
  return `ALTER INDEX ${sqlName({...table, name})} RENAME TO ${wanted}`
}

function isOwnedAlike(sequence: Sequence, other: Sequence): boolean {
  if (sequence.table === null || other.table === null) return false
  return keyOf(sequence.table) === keyOf(other.table) && sequence.column === other.column
}

function columnOf({tables}: Facts, {table, column}: Sequence): Table['columns'][number] | undefined {
  return table === null ? undefined : tables.get(keyOf(table))?.columns.find(({name}) => name === column)
}

function alteredColumns(table: Table, wanted: Table): Set<string> {
  const types = new Map(wanted.columns.map(({name, type}) => [name, type]))
  return new Set(
    table.columns
      .filter(({name, type}) => types.get(name) !== undefined && types.get(name) !== type)
      .map(({name}) => name),
  )
}

/** Whether the expression of a generated column uses one of these columns of its table. */
function usesColumns({base}: Facts, {schema, name}: Table, column: string, columns: ReadonlySet<string>): boolean {
  const edges = base.outgoingEdges({kind: 'column', schema, table: name, name: column})
  return edges.some(({to}) => to.kind === 'column' && to.table === name && to.schema === schema && columns.has(to.name))
}
