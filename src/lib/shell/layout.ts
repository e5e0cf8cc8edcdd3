import {type CellLine, cellLines} from './cell.js'

/** A column of a result: its name, and the type that its values have. */
export interface ResultColumn {
  name: string
  /** The type's oid; 0 where it does not matter. */
  type: number
}

type Row = readonly (string | null)[]

/** Turns rows into text, one after the other, in columns whose widths were settled on before. */
export interface Layout {
  /** How many columns of a terminal it takes. */
  width: number
  head(): string
  row(row: Row): string
  foot(count: number): string
}

/** What {@link aligned} and {@link expanded} take beside columns and rows. */
export interface LayoutOptions {
  /** What stands for null. */
  nothing: string
  title?: string
  /** Lines below the table, in place of the number of rows. */
  footer?: readonly string[]
}

/** int8, int2, int4, oid, xid, cid, float4, float8, money, numeric, xid8: psql aligns these at the right. */
const numbers = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069])

const pad = (width: number): string => ' '.repeat(Math.max(0, width))

/**
 * A table as psql prints it (`print_aligned_text`, border 1). The widths are those of `sample`, the first rows: a longer
 * value that comes later stands out of its column.
 */
export function aligned(columns: readonly ResultColumn[], sample: readonly Row[], options: LayoutOptions): Layout {
  const heads = columns.map(({name}) => cellLines(name))
  const widths = columns.map((_, index) => sample.reduce((widest, row) => Math.max(widest, ...linesOf(row[index], options).map(({width}) => width)), widestOf(heads[index])))
  const right = columns.map(({type}) => numbers.has(type))
  const width = widths.reduce((sum, each) => sum + each + 3, -1)
  const last = columns.length - 1
  const line = (cells: CellLine[][], at: number, align: (cell: CellLine | undefined, index: number) => string): string =>
    cells.map((lines, index) => ` ${align(lines[at], index)}${at + 1 < lines.length ? '+' : index < last ? ' ' : ''}`).join('|')
  const all = (cells: CellLine[][], align: (cell: CellLine | undefined, index: number, more: boolean) => string): string => {
    const height = Math.max(1, ...cells.map(({length}) => length))
    return Array.from({length: height}, (_, at) => line(cells, at, (cell, index) => align(cell, index, at + 1 < (cells[index]?.length ?? 0)))).join('\n')
  }
  const centre = (cell: CellLine | undefined, index: number): string => {
    const free = (widths[index] ?? 0) - (cell?.width ?? 0)
    return `${pad(free >> 1)}${cell?.text ?? ''}${pad((free + 1) >> 1)}`
  }
  return {
    width,
    head() {
      const title = options.title === undefined ? '' : `${pad((width - widestOf(cellLines(options.title))) >> 1)}${options.title}\n`
      const rule = columns.length === 0 ? '--' : widths.map((each) => '-'.repeat(each + 2)).join('+')
      const names = columns.length === 0 ? '' : `${all(heads, centre).split('\n').map((text) => (text.endsWith('+') ? text : `${text} `)).join('\n')}\n`
      return `${title}${names}${rule}\n`
    },
    row(row) {
      if (columns.length === 0) return ''
      const cells = columns.map((_, index) => linesOf(row[index], options))
      return `${all(cells, (cell, index, more) => {
        const free = pad((widths[index] ?? 0) - (cell?.width ?? 0))
        if (right[index]) return cell === undefined && index === last ? '' : `${free}${cell?.text ?? ''}`
        return `${cell?.text ?? ''}${index < last || more ? free : ''}`
      })}\n`
    },
    foot: (count) => footOf(count, options),
  }
}

/** Each row as a record, a line a column, as psql prints it after `\\x` (`print_aligned_vertical`). */
export function expanded(columns: readonly ResultColumn[], sample: readonly Row[], options: LayoutOptions): Layout {
  const heads = columns.map(({name}) => cellLines(name))
  const headWidth = heads.reduce((widest, lines) => Math.max(widest, widestOf(lines)), 0)
  const dataWidth = sample.reduce((widest, row) => row.reduce((most, value) => Math.max(most, widestOf(linesOf(value, options))), widest), 0)
  let record = 0
  return {
    width: headWidth + dataWidth + 3,
    head: () => (options.title === undefined ? '' : `${options.title}\n`),
    row(row) {
      const label = `-[ RECORD ${++record} ]`
      const rule = `${label}${'-'.repeat(Math.max(0, headWidth + 1 - label.length))}`
      const cross = rule.length > headWidth + 1 ? '' : '+'
      const lines = columns.map((_, index) => field(heads[index] ?? [], linesOf(row[index], options), headWidth, dataWidth))
      return `${`${rule}${cross}`.padEnd(headWidth + dataWidth + 3, '-')}\n${lines.join('')}`
    },
    foot: (count) => (count === 0 || options.footer !== undefined ? footOf(count, options) : '\n'),
  }
}

function field(head: CellLine[], lines: CellLine[], headWidth: number, dataWidth: number): string {
  const height = Math.max(head.length, lines.length)
  return Array.from({length: height}, (_, at) => {
    const name = head[at]
    const value = lines[at]
    const mark = at + 1 < head.length ? '+' : ' '
    const more = at + 1 < lines.length ? `${pad(dataWidth - (value?.width ?? 0))}+` : ''
    return `${name?.text ?? ''}${pad(headWidth - (name?.width ?? 0))}${mark}|${value === undefined ? '' : ` ${value.text}${more}`}\n`
  }).join('')
}

function footOf(count: number, {footer}: LayoutOptions): string {
  return footer === undefined ? `(${count} row${count === 1 ? '' : 's'})\n\n` : `${footer.map((line) => `${line}\n`).join('')}\n`
}

function linesOf(value: string | null | undefined, {nothing}: LayoutOptions): CellLine[] {
  return cellLines(value ?? nothing)
}

function widestOf(lines: readonly CellLine[] | undefined): number {
  return (lines ?? []).reduce((widest, {width}) => Math.max(widest, width), 0)
}
