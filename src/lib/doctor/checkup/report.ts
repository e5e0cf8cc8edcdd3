import {showControls} from '../../text/controls.js'
import type {Style} from '../../text/style.js'
import {wrapWords} from '../../text/wrap-words.js'
import type {CheckItem, CheckupResult, HealthCheck} from './checkup.js'
import {checks} from './checks.js'

const signs = {ok: '✓', warning: '!', urgent: '✗', unseen: '?'}
const nameWidth = 22
const indent = ' '.repeat(nameWidth + 3)
/** So many of what is beyond a limit are named. */
const mostNamed = 3
const narrowest = 20

/** Renders a checkup: a line for each check, and below what is not well what to do. */
export function renderCheckup({checks: found}: CheckupResult, width: number | undefined, style: Style): string {
  return found.flatMap((check) => linesOf(check, width, style)).join('\n')
}

function linesOf(check: HealthCheck, width: number | undefined, style: Style): string[] {
  const color = {ok: style.green, warning: style.magenta, urgent: style.red.bold, unseen: style.dim}[check.status]
  const room = width === undefined ? Infinity : Math.max(narrowest, width - indent.length)
  const wrapped = (text: string): string[] => (room === Infinity ? [text] : wrapWords(text, room))
  const [first = '', ...more] = wrapped(showControls(sentenceOf(check)))
  const advice = check.status === 'warning' || check.status === 'urgent' ? wrapped(check.advice) : []
  return [
    `${color(signs[check.status])} ${check.check.replaceAll('-', ' ').padEnd(nameWidth)} ${first}`,
    ...[...more, ...advice].map((line) => `${indent}${line}`),
  ]
}

function sentenceOf({check, status, items, limit, partly}: HealthCheck): string {
  const definition = checks.find((each) => each.check === check)
  const shown = ({name, value}: CheckItem): string => {
    const text = value === null ? '' : (definition?.show(value) ?? '')
    return text === '' ? name : `${name} ${text}`
  }
  if (status === 'unseen')
    return partly ? "only this role's own are seen; GRANT pg_monitor TO the role" : 'this role may not see it'
  if (items.length === 0) return 'none'
  const named = items.slice(0, mostNamed).map(shown).join(', ')
  const others = items.length > mostNamed ? `, and ${items.length - mostNamed} more` : ''
  const hint = status === 'ok' ? '' : ` (${status === 'urgent' ? 'urgent, ' : ''}${limit})`
  return `${named}${others}${hint}${partly ? "; only this role's own are seen" : ''}`
}
