import type {SqlSession, TextTable} from '../postgres/wire/sql-session.js'
import type {NamePattern} from './pattern.js'

/** A table for a backslash command. */
export interface Shown extends TextTable {
  title?: string
  footer?: string[]
  /** Whether it is a table even where rows are shown as records. */
  asTable?: boolean
}

const relationKinds: Readonly<Record<string, string>> = {
  r: 'Table',
  p: 'Partitioned table',
  v: 'View',
  m: 'Materialized view',
  f: 'Foreign table',
  i: 'Index',
  I: 'Partitioned index',
  S: 'Sequence',
  c: 'Composite type',
  t: 'TOAST table',
}

/**
 * Describes matching relations like psql's `\\d`: columns, then what belongs to them. `more` adds comments, partitions and the
 * definitions of views.
 */
export async function describe(session: SqlSession, {schema, name}: NamePattern, more: boolean): Promise<Shown[]> {
  const {rows} = await session.table('find', [schema ?? null, name ?? null])
  const shown: Shown[] = []
  for (const [oid, space, relation, kind = '', unlogged] of rows) {
    const title = `${unlogged === 't' ? 'Unlogged ' : ''}${relationKinds[kind ?? ''] ?? 'Relation'} "${space}.${relation}"`
    const table = await session.table(queryOf(kind), [oid])
    const notes = await session.table('notes', [oid, more])
    shown.push({
      ...without(table, ...hiddenColumns(kind, more)),
      title: unlogged === 't' ? title.replace(/ [A-Z]/, (letter) => letter.toLowerCase()) : title,
      footer: footerOf(notes),
    })
  }

  return shown
}

/** The table without columns of these names. */
export function without({columns, rows}: TextTable, ...names: readonly string[]): TextTable {
  const keep = columns.map(({name}) => !names.includes(name))
  const cut = <T>(list: T[]): T[] => list.filter((_, index) => keep[index])
  return {columns: cut(columns), rows: rows.map(cut)}
}

function hiddenColumns(kind: string | null, more: boolean): string[] {
  const foreign = kind === 'f' ? [] : ['FDW options']
  if (!more) return [...foreign, 'Storage', 'Compression', 'Stats target', 'Description']
  return kind === 'v' || kind === 'c' ? [...foreign, 'Compression', 'Stats target'] : foreign
}

function queryOf(kind: string | null): string {
  if (kind === 'S') return 'sequence'
  return kind === 'i' || kind === 'I' ? 'index-columns' : 'columns'
}

/** What psql writes as a list on the line of its heading. */
const inLine = new Set<string | null | undefined>(['Inherits', 'Child tables', 'Partitions'])

function footerOf({rows}: TextTable): string[] {
  let current: string | null = ''
  return rows.flatMap(([section, line], index) => {
    const begins = section !== '' && section !== current
    current = section ?? ''
    if (inLine.has(section)) {
      const head = `${section}: `
      const more = rows[index + 1]?.[0] === section ? ',' : ''
      return [`${begins ? head : ' '.repeat(head.length)}${line}${more}`]
    }
    const lines = (line ?? '').split('\n')
    // The definition of a view, and what follows in a policy or rule, has its own blanks.
    const text = section === 'View definition' || section === '' ? lines : [`    ${lines[0]}`, ...lines.slice(1)]
    return begins ? [`${section}:`, ...text] : text
  })
}
