import type {SqlSession, TextTable} from '../postgres/wire/sql-session.js'
import type {NamePattern} from './pattern.js'

/** A table for a backslash command. */
export interface Shown extends TextTable {
  title?: string
  footer?: string[]
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
 * Describes matching relations like psql's `\\d`: columns, then indexes, constraints, references, triggers and partitions.
 * `more` adds comments and the definitions of views.
 */
export async function describe(session: SqlSession, {schema, name}: NamePattern, more: boolean): Promise<Shown[]> {
  const {rows} = await session.table('find', [schema ?? null, name ?? null])
  const shown: Shown[] = []
  for (const [oid, space, relation, kind = '', unlogged] of rows) {
    const title = `${unlogged === 't' ? 'Unlogged ' : ''}${relationKinds[kind ?? ''] ?? 'Relation'} "${space}.${relation}"`
    const table = await session.table(queryOf(kind), [oid])
    const notes = await session.table('notes', [oid, more])
    shown.push({
      ...(more ? table : without(table, 'Description')),
      title: unlogged === 't' ? title.replace(/ [A-Z]/, (letter) => letter.toLowerCase()) : title,
      footer: footerOf(notes),
    })
  }

  return shown
}

export function without({columns, rows}: TextTable, name: string): TextTable {
  const at = columns.findIndex((column) => column.name === name)
  const cut = <T>(list: T[]): T[] => list.filter((_, index) => index !== at)
  return {columns: cut(columns), rows: rows.map(cut)}
}

function queryOf(kind: string | null): string {
  if (kind === 'S') return 'sequence'
  return kind === 'i' || kind === 'I' ? 'index-columns' : 'columns'
}

function footerOf({rows}: TextTable): string[] {
  let current: string | null = ''
  return rows.flatMap(([section, line]) => {
    const begins = section !== '' && section !== current
    current = section ?? ''
    // The definition of a view has its own line breaks.
    const text = section === 'View definition' ? (line ?? '') : section === '' ? (line ?? '') : `    ${line}`
    return begins ? [`${section}:`, text] : [text]
  })
}
