import type {CruddurError} from '../errors.js'
import type {Session} from '../postgres/catalog/session.js'
import {byAttention} from '../sessions/order.js'
import {renderSessions} from '../sessions/table.js'
import {type Place, showPlace} from '../sql-files/place.js'
import {showControls} from '../text/controls.js'
import type {Style} from '../text/style.js'

/** What the server adds to its messages, labeled as psql labels it. */
const labeledFields = [
  ['DETAIL', 'detail'],
  ['HINT', 'hint'],
  ['QUERY', 'query'],
  ['CONTEXT', 'where'],
] as const

/** What a failure is about, as lines for a terminal of that width: a place in a file, where the server was, sessions. */
export function failureDetails({details}: CruddurError, style: Style, width: number | undefined): string[] {
  const lines: string[] = []
  if (isPlace(details['place'])) lines.push(showPlace(details['place'], width))
  for (const [label, text] of labeledFields) {
    if (typeof details[text] === 'string') lines.push(`${label}:  ${showControls(details[text])}`)
    if (text === 'query') lines.push(...queryPlace(details, width))
  }
  if (Array.isArray(details['sessions']))
    lines.push('', renderSessions(byAttention(details['sessions'] as Session[]), width, style), '')
  return lines
}

/** The line of the statement in a function or a DO block, with a caret. */
function queryPlace({query, query_position: position}: CruddurError['details'], width: number | undefined): string[] {
  if (typeof query !== 'string' || typeof position !== 'number') return []
  const before = [...query]
    .slice(0, position - 1)
    .join('')
    .split('\n')
  const line = before.length
  const column = [...(before.at(-1) ?? '')].length + 1
  return [showPlace({file: '', line, column, text: query.split('\n')[line - 1] ?? ''}, width)]
}

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'line' in value && 'column' in value
}
