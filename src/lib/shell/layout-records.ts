import {type CellLine, cellLines, visible} from './cell.js'
import {blanks, footerOf, type LayoutInput, linesOf, type RowLayout, widestOf} from './layout-parts.js'

/** The widths of both columns of a record. */
interface Widths {
  head: number
  data: number
}

/** Each row as a record with one line for each column, like psql after `\x` (`print_aligned_vertical`). */
export function records({columns, sample, options}: LayoutInput): RowLayout {
  const {border, tuplesOnly, title} = options
  const heads = columns.map(({name}) => cellLines(name))
  const widths: Widths = {
    head: heads.reduce((widest, lines) => Math.max(widest, widestOf(lines)), 0),
    data: sample.reduce(
      (widest, row) => row.reduce((most, value) => Math.max(most, widestOf(linesOf(value, options))), widest),
      0,
    ),
  }
  let record = 0
  const begin = (): string => {
    record += 1
    if (!tuplesOnly) return ruleOf(border, record, widths)
    return record > 1 || border >= 2 ? ruleOf(border, 0, widths) : ''
  }
  return {
    width: widths.head + widths.data + 3,
    head: () => (title === undefined || tuplesOnly ? '' : `${visible(title)}\n`),
    row(row) {
      const lines = columns.map((_, index) =>
        fieldLines(heads[index] ?? [], linesOf(row[index], options), widths, border),
      )
      return `${begin()}${lines.join('')}`
    },
    foot(count) {
      if (count === 0) return `${written(footerOf(0, options))}\n`
      const below = written(footerOf(count, options, false))
      return `${border >= 2 ? ruleOf(2, 0, widths) : ''}${below !== '' && border < 2 ? '\n' : ''}${below}\n`
    },
  }
}

function written(lines: readonly string[]): string {
  return lines.map((line) => `${visible(line)}\n`).join('')
}

/** The line above a record (`print_aligned_vertical_line`). */
function ruleOf(border: number, record: number, {head, data}: Widths): string {
  const dash = border === 0 ? ' ' : '-'
  const label = record === 0 ? '' : border === 0 ? `* Record ${record}` : `[ RECORD ${record} ]`
  const begin = `${border >= 2 ? '+-' : border === 1 ? '-' : ''}${label}`
  let used = label.length + (border >= 2 ? 0 : 1)
  let line = begin + dash.repeat(Math.max(0, head - used))
  used -= head
  for (const sign of border === 0 ? [' '] : ['-', '+', '-']) if (used-- <= 0) line += sign
  line += dash.repeat(Math.max(0, data - Math.max(0, used)))
  return `${line}${border >= 2 ? '-+' : ''}\n`
}

function fieldLines(
  head: CellLine[],
  lines: CellLine[],
  {head: headWidth, data: dataWidth}: Widths,
  border: number,
): string {
  const height = Math.max(head.length, lines.length)
  const manyHeads = head.length > 1
  return Array.from({length: height}, (_, at) => {
    const name = head[at]
    const value = lines[at]
    const mark = at + 1 < head.length ? '+' : border > 0 || manyHeads ? ' ' : ''
    const left = `${border >= 2 ? '| ' : ''}${name?.text ?? ''}${blanks(headWidth - (name?.width ?? 0))}${mark}${border > 0 ? '|' : ''}`
    const room = blanks(dataWidth - (value?.width ?? 0))
    const more = at + 1 < lines.length ? `${room}+` : border >= 2 ? `${room} ` : ''
    return `${left}${value === undefined && border < 2 ? '' : ` ${value?.text ?? ''}${more}`}${border >= 2 ? '|' : ''}\n`
  }).join('')
}
