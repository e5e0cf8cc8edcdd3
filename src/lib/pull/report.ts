import {formatBytes, formatCount} from '../text/format.js'
import type {PullDraft} from './draft.js'
import type {PullProgress, PullResult} from './pull.js'

/** Writes a command as the user would type it. */
type Hint = (command: string) => string

export function pullProgress({table, bytes}: PullProgress): string {
  return `${table}: ${formatBytes(bytes)}`
}

/** What was pulled, what is empty and what is missing. */
export function renderPull({database, source, tables, empty, pruned, skipped, kept}: PullResult, hint: Hint): string {
  const width = Math.max(0, ...tables.map(({table}) => table.length))
  const lines = tables.map(
    ({table, rows, file}) => `${table.padEnd(width)}  ${formatCount(rows, 'row')}  ${file ?? 'as they are'}`,
  )
  if (empty.length > 0)
    lines.push(`Without rows: ${empty.join(', ')}. To have a file for each: ${hint(`pull:new ${source}`)}`)
  for (const {table, rows} of pruned)
    lines.push(`Removed ${formatCount(rows, 'row')} of ${table}, which refer to rows that were not pulled.`)
  for (const {statement, reason} of skipped) lines.push(`Left out: ${statement} (${reason})`)
  lines.push('', `${database} now has the schema and these rows of ${source}. To open it: ${hint('connect')}`)
  if (kept) lines.push(`The old database is kept. To restore it: ${hint('undo')}`)
  return lines.join('\n')
}

/** The files that were written, and what they mask. */
export function renderDraft({source, written, existing}: PullDraft, hint: Hint): string {
  const lines = written.map(
    ({file, masked}) => `Wrote ${file}${masked.length === 0 ? '' : `, which masks ${masked.join(', ')}`}.`,
  )
  if (existing.length > 0) lines.push(`Left as they are: ${existing.join(', ')}.`)
  lines.push('', `Read them: a name does not say all. Then: ${hint(`pull ${source}`)}`)
  return lines.join('\n')
}
