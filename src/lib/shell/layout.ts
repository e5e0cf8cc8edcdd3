import {type CellLine, cellLines, visible} from './cell.js'

/** A column of a result. */
export interface ResultColumn {
  name: string
  /** The oid of its type; 0 if it does not matter. */
  type: number
}

type LayoutRow = readonly (string | null)[]

/** Renders rows one after the other, with fixed column widths. */
export interface RowLayout {
  /** The width on a terminal. */
  width: number
  head(): string
  row(row: LayoutRow): string
  foot(count: number): string
}

export interface LayoutOptions {
  /** The text for null. */
  nothing: string
  title?: string
  /** Lines below the table, instead of the number of rows. */
  footer?: readonly string[]
}

/** int8, int2, int4, oid, xid, cid, float4, float8, money, numeric and xid8, which psql aligns on the right. */
const numbers = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069])

const padCell = (width: number): string => ' '.repeat(Math.max(0, width))

/** Writes a line of a cell into a column; `more` if more lines of the cell follow. */
type Align = (cell: CellLine | undefined, column: number, more: boolean) => string

/** Renders a row whose cells may have several lines. */
function alignedLines(cells: readonly CellLine[][], align: Align): string[] {
  const last = cells.length - 1
  const height = Math.max(1, ...cells.map(({length}) => length))
  return Array.from({length: height}, (_, at) =>
    cells
      .map((lines, column) => {
        const more = at + 1 < lines.length
        return ` ${align(lines[at], column, more)}${more ? '+' : column < last ? ' ' : ''}`
      })
      .join('|'),
  )
}

/**
 * A table like psql's (`print_aligned_text`, border 1). The widths come from `sample`, the first rows; longer values that
 * come later are wider than their column.
 */
export function aligned(
  columns: readonly ResultColumn[],
  sample: readonly LayoutRow[],
  options: LayoutOptions,
): RowLayout {
  const heads = columns.map(({name}) => cellLines(name))
  const widths = heads.map((head, index) =>
    sample.reduce((widest, row) => Math.max(widest, widestOf(linesOf(row[index], options))), widestOf(head)),
  )
  const atRight = columns.map(({type}) => numbers.has(type))
  const width = widths.reduce((sum, each) => sum + each + 3, -1)
  const last = columns.length - 1
  const free = (cell: CellLine | undefined, index: number): number => (widths[index] ?? 0) - (cell?.width ?? 0)
  const center: Align = (cell, index) => {
    const room = free(cell, index)
    return `${padCell(room >> 1)}${cell?.text ?? ''}${padCell((room + 1) >> 1)}`
  }
  const align: Align = (cell, index, more) => {
    const room = padCell(free(cell, index))
    if (atRight[index]) return cell === undefined && index === last ? '' : `${room}${cell?.text ?? ''}`
    return `${cell?.text ?? ''}${index < last || more ? room : ''}`
  }
  return {
    width,
    head() {
      const {title} = options
      const titleLine =
        title === undefined ? '' : `${padCell((width - widestOf(cellLines(title))) >> 1)}${visible(title)}\n`
      if (columns.length === 0) return `${titleLine}--\n`
      const names = alignedLines(heads, center).map((text) => (text.endsWith('+') ? text : `${text} `))
      return `${titleLine}${names.join('\n')}\n${widths.map((each) => '-'.repeat(each + 2)).join('+')}\n`
    },
    row(row) {
      if (columns.length === 0) return ''
      const cells = columns.map((_, index) => linesOf(row[index], options))
      return `${alignedLines(cells, align).join('\n')}\n`
    },
    foot: (count) => footOf(count, options),
  }
}

/** Each row as a record with one line for each column, like psql after `\\x` (`print_aligned_vertical`). */
export function expanded(
  columns: readonly ResultColumn[],
  sample: readonly LayoutRow[],
  options: LayoutOptions,
): RowLayout {
  const heads = columns.map(({name}) => cellLines(name))
  const headWidth = heads.reduce((widest, lines) => Math.max(widest, widestOf(lines)), 0)
  const dataWidth = sample.reduce(
    (widest, row) => row.reduce((most, value) => Math.max(most, widestOf(linesOf(value, options))), widest),
    0,
  )
  let record = 0
  return {
    width: headWidth + dataWidth + 3,
    head: () => (options.title === undefined ? '' : `${visible(options.title)}\n`),
    row(row) {
      const label = `-[ RECORD ${++record} ]`
      const rule = `${label}${'-'.repeat(Math.max(0, headWidth + 1 - label.length))}`
      const cross = rule.length > headWidth + 1 ? '' : '+'
      const lines = columns.map((_, index) =>
        fieldCell(heads[index] ?? [], linesOf(row[index], options), headWidth, dataWidth),
      )
      return `${`${rule}${cross}`.padEnd(headWidth + dataWidth + 3, '-')}\n${lines.join('')}`
    },
    foot: (count) => (count === 0 || options.footer !== undefined ? footOf(count, options) : '\n'),
  }
}

function fieldCell(head: CellLine[], lines: CellLine[], headWidth: number, dataWidth: number): string {
  const height = Math.max(head.length, lines.length)
  return Array.from({length: height}, (_, at) => {
    const name = head[at]
    const value = lines[at]
    const mark = at + 1 < head.length ? '+' : ' '
    const more = at + 1 < lines.length ? `${padCell(dataWidth - (value?.width ?? 0))}+` : ''
    return `${name?.text ?? ''}${padCell(headWidth - (name?.width ?? 0))}${mark}|${value === undefined ? '' : ` ${value.text}${more}`}\n`
  }).join('')
}

function footOf(count: number, {footer}: LayoutOptions): string {
  return footer === undefined
    ? `(${count} row${count === 1 ? '' : 's'})\n\n`
    : `${footer.map((line) => `${visible(line)}\n`).join('')}\n`
}

function linesOf(value: string | null | undefined, {nothing}: LayoutOptions): CellLine[] {
  return cellLines(value ?? nothing)
}

function widestOf(lines: readonly CellLine[] | undefined): number {
  return (lines ?? []).reduce((widest, {width}) => Math.max(widest, width), 0)
}
