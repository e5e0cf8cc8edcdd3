import {stripVTControlCharacters} from 'node:util'
import textWidth from 'string-width'
import {withoutControls} from './controls.js'
import {graphemesOf} from './graphemes.js'
import type {Style} from './style.js'

/** One column of a table. */
export interface Column<Row> {
  heading: string
  cell: (row: Row) => string
  /** In a narrow terminal, the column with the highest value is dropped first. 0 is never dropped. */
  dropOrder?: number
  /** The maximum width on a terminal. The last column gets the remaining width. */
  maxWidth?: number
  align?: 'left' | 'right'
  /** Whether spaces in the cells must be kept. Only for our own text. */
  asIs?: boolean
}

/** The columns that fit, with cells cut to their widths. */
export interface Layout<Row> {
  columns: {column: Column<Row>; width: number}[]
  cells: string[][]
}

const gap = 2
const minLastWidth = 12
/** The maximum length of a cell that is read, in UTF-16 units. */
const maxCellLength = 2000

/**
 * Fits a table into `width`: first it drops columns by their `dropOrder`, then it cuts the last one. In a pipe, where
 * `width` is undefined, nothing is cut.
 */
export function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): Layout<Row> {
  const measured = columns.map((column) => {
    const {maxWidth = Infinity} = width === undefined ? {} : column
    const maxLength = width === undefined ? Infinity : maxCellLength
    const texts = rows.map((row) =>
      shorten(column.asIs ? column.cell(row) : oneLine(column.cell(row), maxLength), maxWidth),
    )
    return {
      column,
      texts,
      width: texts.reduce((widest, text) => Math.max(widest, columnsOf(text)), columnsOf(column.heading)),
    }
  })
  const kept = width === undefined ? measured : dropToFit(measured, width)
  const last = kept.at(-1)
  if (width !== undefined && last !== undefined) {
    const used = kept.reduce((sum, each) => sum + (each === last ? 0 : each.width + gap), 0)
    last.width = Math.min(last.width, Math.max(minLastWidth, width - used))
    last.texts = last.texts.map((text) => shorten(text, last.width))
  }

  return {columns: kept, cells: rows.map((_, row) => kept.map(({texts}) => texts[row] ?? ''))}
}

/** Renders a table that fits into `width` if possible; `width` is undefined for a pipe. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
  style: Style,
): string {
  const {columns: kept, cells} = layOut(columns, rows, width)
  const headings = kept.map(({column}) => column.heading)
  return [style.bold(tableLine(kept, headings)), ...cells.map((row) => tableLine(kept, row))].join('\n')
}

/** Renders one line of a table in plain text. */
export function tableLine<Row>(columns: Layout<Row>['columns'], cells: readonly string[]): string {
  return columns
    .map(({column: {align}, width}, index) => pad(cells[index] ?? '', width, align))
    .join(' '.repeat(gap))
    .trimEnd()
}

/** Pads a text with spaces to a width. */
export function pad(text: string, width: number, align: Column<never>['align'] = 'left'): string {
  const filling = ' '.repeat(Math.max(0, width - columnsOf(text)))
  return align === 'right' ? filling + text : text + filling
}

interface Measured<Row> {
  column: Column<Row>
  texts: string[]
  width: number
}

function dropToFit<Row>(columns: Measured<Row>[], width: number): Measured<Row>[] {
  let kept = columns
  const last = columns.at(-1)
  const needed = (): number =>
    kept.reduce((sum, each) => sum + gap + (each === last ? Math.min(each.width, minLastWidth) : each.width), -gap)
  for (;;) {
    const [next] = kept
      .filter(({column}) => column.dropOrder)
      .sort((a, b) => (b.column.dropOrder ?? 0) - (a.column.dropOrder ?? 0))
    if (needed() <= width || next === undefined) return kept
    kept = kept.filter((column) => column !== next)
  }
}

/**
 * Matches text without control characters in which each character is one column wide, so that the slow measuring is not
 * needed. It includes our own …, arrows and bars.
 */
export const printable = /^[\x20-\x7E\u00A1-\u00AC\u00AE-\u02FF\u2026\u2190-\u2193\u2581-\u2588]*$/

/** The width of a text on a terminal. */
export function columnsOf(text: string): number {
  return printable.test(text) ? text.length : textWidth(text)
}

/**
 * Makes one line of a text from outside, so that it cannot break a table or control the terminal. Only the first `maxLength`
 * characters are read.
 */
export function oneLine(text: string, maxLength = Infinity): string {
  const trimmed = text.trimStart()
  const begin = trimmed.length > maxLength ? trimmed.slice(0, maxLength) : trimmed
  if (printable.test(begin) && !begin.includes('  ')) return begin.trimEnd()
  return withoutControls(stripVTControlCharacters(begin).replace(/\s+/g, ' ')).trim()
}

/** Cuts a text to a width; emoji and East Asian characters are two columns wide. */
export function shorten(text: string, room: number): string {
  if (columnsOf(text) <= room) return text
  if (printable.test(text)) return `${text.slice(0, Math.max(0, room - 1))}…`
  let cut = ''
  let width = 0
  for (const character of graphemesOf(text)) {
    width += textWidth(character)
    if (width > room - 1) break
    cut += character
  }

  return `${cut}…`
}
