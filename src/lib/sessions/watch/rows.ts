import type {Session} from '../../postgres/catalog/session.js'
import type {Style} from '../../text/style.js'
import {oneLine, pad, shorten} from '../../text/table.js'
import {type SessionColumn, sessionColumns} from '../columns.js'
import {isInTransaction} from '../filter.js'
import {blockersOf, isLong} from '../order.js'
import {isSameSession, listHeight, newForMs, type WatchState} from './state.js'

/** The columns on the left for `>` and `+`. */
const marginWidth = 3
const gap = 2
/** What the query has of the width, at least. */
const queryShare = 0.4
/** The longest part of a cell that is read. */
const readLength = 2000

/** The heading and the visible sessions. */
export function tableLines(state: WatchState, style: Style, now: number): string[] {
  const {rows, top, size, selected, arrivals} = state
  const height = listHeight(state)
  const columns = liveColumns(state.columns, size.columns)
  // A terminal may be too narrow for those that are always there.
  const fits = columns.reduce((sum, {width}) => sum + width + gap, marginWidth - gap) <= size.columns
  const blockers = blockersOf(state.sessions)
  const lines = rows.slice(top, top + height).map((session) => {
    const since = arrivals.get(session.pid) ?? -Infinity
    const chosen = isSameSession(session, selected)
    const margin = `${chosen ? '>' : ' '}${now - since < newForMs ? '+' : ' '} `
    const attention = attentionOf(session, blockers)
    const prefix = branchOf(state.depths.get(session) ?? 0)
    const cells = columns.map(({column, width}) => cellOf(session, column, width, {...attention, prefix}))
    const plain = shorten(`${margin}${cells.join(' '.repeat(gap))}`.trimEnd(), size.columns)
    if (chosen) return style.inverse(pad(plain, size.columns))
    if (style.level === 0 || !fits) return plain
    const colored = cells.map((cell, index) =>
      columns[index]?.column.id === 'state' ? attention.color(style)(cell) : cell,
    )
    return `${margin}${colored.join(' '.repeat(gap))}`.trimEnd()
  })
  while (lines.length < height) lines.push('')
  const heading = columns.map(({column, width}) => pad(shorten(column.heading, width), width, column.align))
  return [style.bold(shorten(`   ${heading.join(' '.repeat(gap))}`.trimEnd(), size.columns)), ...lines]
}

/**
 * The columns for a width. They depend on nothing else, so that none moves when the sessions change: those with the highest
 * `dropOrder` are left out until the query has its share.
 */
export function liveColumns(
  chosen: readonly SessionColumn[] | undefined,
  width: number,
): {column: SessionColumn; width: number}[] {
  const room = Math.max(1, width - marginWidth)
  const least = Math.ceil(width * queryShare)
  let kept = chosen ?? sessionColumns.filter(({shown}) => shown !== 'asked')
  const used = (): number =>
    kept.reduce(
      (sum, {id, liveWidth}, index) => sum + (index === 0 ? 0 : gap) + (id === 'query' ? least : liveWidth),
      0,
    )
  while (chosen === undefined && used() > room) {
    const [next] = kept.filter(({dropOrder}) => dropOrder).sort((a, b) => (b.dropOrder ?? 0) - (a.dropOrder ?? 0))
    if (next === undefined) break
    kept = kept.filter((column) => column !== next)
  }
  const left = Math.max(0, room - used())
  return kept.map((column) => ({column, width: column.id === 'query' ? least + left : column.liveWidth}))
}

function cellOf(
  session: Session,
  column: SessionColumn,
  width: number,
  {sign, prefix}: Attention & {prefix: string},
): string {
  const text = oneLine(column.cell(session), readLength)
  const before = column.id === 'state' ? `${sign} ` : column.id === 'query' ? prefix : ''
  return pad(shorten(before + text, width), width, column.align)
}

/** In the tree of who blocks whom, before the query. */
function branchOf(depth: number): string {
  return depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `
}

/** Why a session matters: a sign before its state, which needs no color, and a color for it that is read on any ground. */
interface Attention {
  sign: string
  color: (style: Style) => (text: string) => string
}

function attentionOf(session: Session, blockers: ReadonlySet<number>): Attention {
  if (blockers.has(session.pid)) return {sign: '!', color: ({red}) => red.bold}
  if (session.blockedBy.length > 0) return {sign: '<', color: ({red}) => red}
  const open = isInTransaction(session) || session.state === 'active'
  if (open && isLong(session)) return {sign: '*', color: ({magenta}) => magenta.bold}
  if (isInTransaction(session)) return {sign: ' ', color: ({magenta}) => magenta}
  return {sign: ' ', color: ({bold}) => (session.state === 'active' ? bold : String)}
}
