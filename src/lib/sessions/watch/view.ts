import {stripVTControlCharacters} from 'node:util'
import type {Session} from '../../postgres/catalog/session.js'
import {formatCount, formatDuration} from '../../text/format.js'
import type {Style} from '../../text/style.js'
import {columnsOf, oneLine, shorten} from '../../text/table.js'
import {wrap} from '../../text/wrap.js'
import {stateWords} from '../words.js'
import {headerLines} from './header.js'
import {detailLines, helpLines} from './pages.js'
import {sparkline} from './plot.js'
import {tableLines} from './rows.js'
import {layoutOf, recent, selectedSession, type WatchState} from './state.js'

/** Renders the whole screen: exactly as many lines as the terminal has, and none wider. */
export function render(state: WatchState, style: Style, now: number): string[] {
  const {rows: height, columns: width} = state.size
  const {mode} = state
  const page = mode.kind === 'help' ? helpLines() : mode.kind === 'details' ? detailLines(mode) : undefined
  const body = page?.slice(0, height).map((line) => shorten(line, width)) ?? listLines(state, style, now)
  const lines = [titleLine(state, style), ...body].slice(0, Math.max(1, height - 1))
  while (lines.length < height - 1) lines.push('')
  return height > 1 ? [...lines, footer(state, style, now, width)] : lines
}

function titleLine({label, paused, interval, size: {columns}}: WatchState, style: Style): string {
  const pace = paused ? 'paused' : `every ${interval} s`
  const title = shorten(label, Math.max(1, columns - pace.length - 2))
  const gap = ' '.repeat(Math.max(1, columns - columnsOf(title) - pace.length))
  return shortened(`${title}${gap}${pace}`, columns, style.bold)
}

function listLines(state: WatchState, style: Style, now: number): string[] {
  const {header, plots, closed, query} = layoutOf(state)
  const summary = [...headerLines(state, header), ...(plots ? plotLines(state) : [countLine(state)])]
  const gone = recent(state, now)
    .slice(0, closed)
    .map((each) => closedLine(each, state.size.columns, now, style))
  return [...summary, ...tableLines(state, style, now), ...queryLines(state, query), ...gone].map((line) =>
    state.lost === undefined ? line : style.dim(stripVTControlCharacters(line)),
  )
}

const labelWidth = 15

function plotLines({history, size: {columns}}: WatchState): string[] {
  const room = columns - labelWidth - 20
  return (['active', 'idle', 'inTransaction', 'closed'] as const).map((kind) => {
    const values = history.map((moment) => moment[kind])
    const label = (kind === 'inTransaction' ? 'in transaction' : kind).padEnd(labelWidth)
    const highest = Math.max(0, ...values.slice(-Math.max(1, room)))
    return shorten(
      `${label}${String(values.at(-1) ?? 0).padStart(5)}  ${sparkline(values, room)}  max ${highest}`,
      columns,
    )
  })
}

function countLine({history, size: {columns}}: WatchState): string {
  const {active, idle, inTransaction, closed} = history.at(-1) ?? {active: 0, idle: 0, inTransaction: 0, closed: 0}
  return shorten(`${active} active, ${idle} idle, ${inTransaction} in transaction, ${closed} just closed`, columns)
}

/** How long a message replaces the footer. */
const messageForMs = 5000

/** The query of the selected session, below a rule. */
function queryLines(state: WatchState, height: number): string[] {
  const {columns} = state.size
  const session = selectedSession(state)
  if (height === 0) return []
  const lines = session === undefined ? [] : wrap(session.query, Math.max(1, columns - 2)).slice(0, height - 1)
  return [
    '─'.repeat(columns),
    ...lines.map((line) => shorten(`  ${line}`, columns)),
    ...Array<string>(height).fill(''),
  ].slice(0, height)
}

function closedLine({session, at}: {session: Session; at: number}, width: number, now: number, style: Style): string {
  const who = [session.user, session.database, session.program || session.application].filter(Boolean).join(' ')
  const ago = now - at < 1000 ? 'just closed' : `closed ${formatDuration(now - at)} ago`
  const text = `   ${session.pid} ${ago}  ${oneLine(who)}  ${stateWords(session)}  ${oneLine(session.query, 500)}`
  return style.dim(shorten(text, width))
}

function footer(state: WatchState, style: Style, now: number, width: number): string {
  const {mode, lost, message} = state
  switch (mode.kind) {
    case 'question':
      return shortened(
        `${mode.cancel ? 'Cancel the query of' : 'Terminate'} ${titleOf(mode.session)}? y/n`,
        width,
        style.bold,
      )
    case 'words':
      return shortened(`Protected. To end ${mode.pid}, type ${mode.expected}: ${mode.typed}_`, width, style.bold)
    case 'search':
      return shortened(`Search: ${state.search}_`, width, style.bold)
    case 'help':
      return shortened('Press any key to go back.', width, style.dim)
    case 'details':
      return shortened('↑ ↓ to scroll, any other key to go back', width, style.dim)
    case 'list':
  }

  if (lost !== undefined)
    return shortened(
      `${lost.message} Reconnecting, lost for ${formatDuration(Math.max(0, now - lost.at))}.`,
      width,
      style.red,
    )
  if (message !== undefined && now - message.at < messageForMs) return shortened(message.text, width, style.bold)
  const hidden = state.summary?.hidden ? `${state.summary.hidden} hidden (grant pg_monitor)  ` : ''
  const search = state.search === '' ? '' : `/${state.search}  `
  const view = state.view === 'all' ? '' : `${state.view}: `
  const order = `${view}${formatCount(state.rows.length, 'session')} by ${state.sort.replaceAll('_', ' ')}${state.backwards ? ', reversed' : ''}`
  return shortened(`${order}  ${search}${hidden}? help  q quit`, width, style.dim)
}

function titleOf({pid, user, database, program, application}: Session): string {
  return `${pid} (${[program || application, `${user ?? ''}@${database ?? ''}`]
    .filter((part) => part !== '')
    .map((part) => oneLine(part))
    .join(', ')})`
}

function shortened(text: string, width: number, style: (text: string) => string): string {
  return style(shorten(text, Math.max(1, width)))
}
