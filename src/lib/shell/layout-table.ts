import {type CellLine, cellLines, visible} from './cell.js'
import {blanks, footerOf, type LayoutInput, linesOf, type RowLayout, widestOf} from './layout-parts.js'

/** int8, int2, int4, oid, xid, cid, float4, float8, money, numeric and xid8, which psql aligns on the right. */
const numbers = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069])

/** Writes a line of a cell into a column; `more` if more lines of the cell follow. */
type Align = (cell: CellLine | undefined, column: number, more: boolean) => string

/** Lines of a row whose cells may have several; headings are padded at the end of the line, too. */
function linesOfRow(
  cells: readonly CellLine[][],
  write: Align,
  {border, isHead}: {border: number; isHead: boolean},
): string[] {
  const last = cells.length - 1
  const height = Math.max(1, ...cells.map(({length}) => length))
  return Array.from({length: height}, (_, at) => {
    const line = cells.map((own, column) => {
      const more = at + 1 < own.length
      const right = more ? '+' : isHead || border >= 2 || column < last ? ' ' : ''
      return `${border === 0 ? '' : ' '}${write(own[at], column, more)}${right}`
    })
    return border >= 2 ? `|${line.join('|')}|` : line.join(border === 0 ? '' : '|')
  })
}

function ruleOf(widths: readonly number[], border: number): string {
  const [left, middle, right] = border >= 2 ? ['+-', '-+-', '-+'] : border === 1 ? ['-', '-+-', '-'] : ['', ' ', '']
  return `${left}${widths.map((each) => '-'.repeat(each)).join(middle)}${right}\n`
}

/** A table like psql's (`print_aligned_text`). */
export function alignedTable({columns, sample, options}: LayoutInput): RowLayout {
  const {border, tuplesOnly, title} = options
  const heads = columns.map(({name}) => cellLines(name))
  const widths = heads.map((head, index) =>
    sample.reduce((widest, row) => Math.max(widest, widestOf(linesOf(row[index], options))), widestOf(head)),
  )
  const atRight = columns.map(({type}) => numbers.has(type))
  const between = border === 0 ? 1 : 3
  const width = widths.reduce((sum, each) => sum + each + between, border >= 2 ? 1 : border === 1 ? -1 : 0)
  const last = columns.length - 1
  const free = (cell: CellLine | undefined, index: number): number => (widths[index] ?? 0) - (cell?.width ?? 0)
  const center: Align = (cell, index) => {
    const room = free(cell, index)
    return `${blanks(room >> 1)}${cell?.text ?? ''}${blanks((room + 1) >> 1)}`
  }
  const align: Align = (cell, index, more) => {
    const room = blanks(free(cell, index))
    const padded = border >= 2 || index < last
    if (atRight[index]) return cell === undefined && !padded ? '' : `${room}${cell?.text ?? ''}`
    return `${cell?.text ?? ''}${padded || more ? room : ''}`
  }
  return {
    width,
    head() {
      if (tuplesOnly) return ''
      const titleLine =
        title === undefined ? '' : `${blanks((width - widestOf(cellLines(title))) >> 1)}${visible(title)}\n`
      if (columns.length === 0) return `${titleLine}--\n`
      const names = linesOfRow(heads, center, {border, isHead: true})
      return `${titleLine}${border >= 2 ? ruleOf(widths, border) : ''}${names.join('\n')}\n${ruleOf(widths, border)}`
    },
    row(row) {
      if (columns.length === 0) return ''
      const cells = columns.map((_, index) => linesOf(row[index], options))
      return `${linesOfRow(cells, align, {border, isHead: false}).join('\n')}\n`
    },
    foot(count) {
      const below = footerOf(count, options).map((line) => `${visible(line)}\n`)
      return `${border >= 2 && columns.length > 0 ? ruleOf(widths, border) : ''}${below.join('')}\n`
    },
  }
}
