import {readdirSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import type {TextTable} from '../postgres/wire/sql-session.js'
import {withHome} from '../sql-text/psql/home.js'

/** Names of the catalog by their kind, as `sql/catalog/shell/objects.sql` has them: quoted where SQL needs it. */
export type ObjectNames = Readonly<Record<string, readonly string[]>>

const list = String.raw`(?:[^\s,;]+\s*,\s*)*`
const rule = (before: string): RegExp => new RegExp(`${before}$`, 'i')

/** What follows a text: the first rule that matches the text before the word decides. */
const rules: readonly [before: RegExp, kind: string][] = [
  [rule(String.raw`\b(?:drop|alter|create)\s+(?:role|user|group)\s+(?:if\s+exists\s+)?${list}`), 'role'],
  [rule(String.raw`\b(?:owner\s+to|set\s+role|authorization|owned\s+by)\s+`), 'role'],
  [rule(String.raw`\bgrant\b[^;]*\bto\s+${list}`), 'role'],
  [rule(String.raw`\brevoke\b[^;]*\bfrom\s+${list}`), 'role'],
  [rule(String.raw`^\s*\\(?:du|dg)\S*\s+`), 'role'],
  [rule(String.raw`\b(?:drop|alter)\s+database\s+(?:if\s+exists\s+)?`), 'database'],
  [rule(String.raw`^\s*\\(?:c|connect|l)\S*\s+`), 'database'],
  [rule(String.raw`\b(?:drop|alter|in|set)\s+schema\s+(?:if\s+exists\s+)?${list}`), 'schema'],
  [rule(String.raw`\bsearch_path\s*(?:=|\bto\b)\s*${list}`), 'schema'],
  [rule(String.raw`^\s*\\dn\S*\s+`), 'schema'],
  [rule(String.raw`\bcreate\s+extension\s+(?:if\s+not\s+exists\s+)?`), 'available'],
  [rule(String.raw`\b(?:drop|alter)\s+extension\s+(?:if\s+exists\s+)?${list}`), 'extension'],
  [rule(String.raw`^\s*\\dx\S*\s+`), 'extension'],
  [rule(String.raw`\b(?:drop|alter|reindex)\s+index\s+(?:concurrently\s+)?(?:if\s+exists\s+)?${list}`), 'index'],
  [rule(String.raw`^\s*\\di\S*\s+`), 'index'],
  [
    rule(String.raw`::\s*|\bcast\s*\([^()]*\bas\s+|\b(?:drop|alter)\s+(?:type|domain)\s+(?:if\s+exists\s+)?${list}`),
    'type',
  ],
  [rule(String.raw`\btype\s+|^\s*\\d[TD]\S*\s+`), 'type'],
  [
    rule(String.raw`\b(?:drop|alter|on)\s+(?:function|procedure|routine)\s+(?:if\s+exists\s+)?|^\s*\\(?:df|sf)\S*\s+`),
    'function',
  ],
  [rule(String.raw`^\s*(?:set|show|reset)\s+(?:session\s+|local\s+)?`), 'setting'],
  [rule(String.raw`\balter\s+(?:role|user|database|system)\b[^;]*\b(?:set|reset)\s+`), 'setting'],
  [rule(String.raw`\b(?:listen|unlisten|notify)\s+`), 'channel'],
  [rule(String.raw`\b(?:execute|deallocate)\s+`), 'prepared'],
]

/** The kind of name that follows a text; undefined if no rule says so. */
export function kindAfter(text: string): string | undefined {
  return rules.find(([before]) => before.test(text))?.[1]
}

/** Groups the rows of `sql/catalog/shell/objects.sql`. */
export function objectNames({rows}: TextTable): ObjectNames {
  const names: Record<string, string[]> = {}
  for (const [kind, name] of rows) (names[kind ?? ''] ??= []).push(name ?? '')
  return names
}

const takesFile =
  /^\s*\\(?:i|ir|include|include_relative|o|out|w|write|e|edit|cd)\s+(\S*)$|\\copy\s.*\b(?:from|to)\s+'?(\S*)$/

/** Completes the path after a command that takes one; undefined after other text. */
export function completePath(text: string, folder: string): [candidates: string[], word: string] | undefined {
  const [whole, file, data] = takesFile.exec(text) ?? []
  if (whole === undefined) return undefined
  const word = file ?? data ?? ''
  const base = word.endsWith('/') ? word : word.replace(/[^/]*$/, '')
  const start = word.slice(base.length)
  try {
    const entries = readdirSync(resolve(folder, withHome(base === '' ? '.' : dirname(`${base}x`))), {
      withFileTypes: true,
    })
    const shown = entries.filter(({name}) => name.startsWith(start) && (start !== '' || !name.startsWith('.')))
    return [shown.map((entry) => `${base}${entry.name}${entry.isDirectory() ? '/' : ''}`).sort(), word]
  } catch {
    return [[], word]
  }
}
