import {CheckError} from '../errors.js'
import {showControls} from '../text/controls.js'
import {formatCount} from '../text/format.js'
import type {Style} from '../text/style.js'
import {wrapWords} from '../text/wrap-words.js'
import type {OpenPlace, SchemaChange} from './change.js'

const defaultColumns = 80

/** What is not proved of a change, and what depends on rows, for people; empty if there is nothing of that. */
export function renderOpen({open, conditions, skipped}: SchemaChange, style: Style, columns = defaultColumns): string {
  const missing = skipped.map(({file, line, statement, reason}) =>
    wrapped(`Not compared: ${file}:${line}: ${statement}: ${reason}`, style, columns),
  )
  const depending = conditions.flatMap((condition) => wrapWords(showControls(`Depends on rows: ${condition}`), columns))
  return [...open.map((place) => renderPlace(place, style, columns)), ...missing, ...depending].join('\n')
}

function renderPlace({direction, message, sql, placed}: OpenPlace, style: Style, columns: number): string {
  const title = direction === 'up' ? 'Not proved' : 'Not proved of the down'
  const lines = placed ? [] : sql.flatMap((text) => text.split('\n')).map((line) => `  ${showControls(line)}`)
  return [wrapped(`${title}: ${message}`, style, columns), ...lines].join('\n')
}

function wrapped(text: string, style: Style, columns: number): string {
  return wrapWords(showControls(text), columns)
    .map((line) => style.yellow(line))
    .join('\n')
}

/** Whether a change does all that is wanted. */
export function isProved({open, skipped}: Pick<SchemaChange, 'open' | 'skipped'>): boolean {
  return open.length === 0 && skipped.length === 0
}

/** @throws CheckError (`change_not_proved`) */
export function requireProved(change: SchemaChange, more: {details: Record<string, unknown>; next?: string[]}): void {
  if (!isProved(change)) throw new CheckError(changeSummary(change), {code: 'change_not_proved', ...more})
}

/** One sentence on a change. */
export function changeSummary(change: SchemaChange): string {
  const {from, to, open, skipped, steps} = change
  if (!isProved(change)) return `${formatCount(open.length + skipped.length, 'place')} not proved.`
  if (steps.length === 0) return `${from} and ${to} have the same schema.`
  const down = steps.some((step) => step.down !== null) ? ', and the down undoes it' : ''
  return `Proved on a copy with sample rows: it makes the schema of ${to}, no row is lost${down}.`
}
