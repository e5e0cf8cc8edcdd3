import Table from 'cli-table3'
import {stripVTControlCharacters} from 'node:util'
import textWidth from 'string-width'
import type {Style} from './style.js'

/** One column: its heading, a row's cell, and how soon it goes where the terminal is narrow (0: never). */
export interface Column<Row> {
  heading: string
  cell: (row: Row) => string
  /** The highest goes first. */
  dropOrder?: number
  /** A terminal gives it no more columns than these; the last column takes what is left. */
  most?: number
  align?: 'left' | 'right'
  /** Whether the cells are our own words alone, whose spaces mean something. */
  asIs?: boolean
}

/** The columns that have room, and the rows' cells in them, cut to it. */
export interface Layout<Row> {
  columns: {column: Column<Row>; width: number}[]
  cells: string[][]
}

const gap = 2
const leastLastColumn = 12
/** So much of a text is looked at for one line of a terminal, in UTF-16 units. */
const longestCell = 2000

/**
 * Fits a table into `width` columns, undefined for a pipe, where nothing is cut: first the columns that matter least
 * go, then the last one is cut short.
 */
export function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): Layout<Row> {
  const measured = columns.map((column) => {
    const {most = Infinity} = width === undefined ? {} : column
    const longest = width === undefined ? Infinity : longestCell
    const texts = rows.map((row) => shorten(column.asIs ? column.cell(row) : oneLine(column.cell(row), longest), most))
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
    last.width = Math.min(last.width, Math.max(leastLastColumn, width - used))
    last.texts = last.texts.map((text) => shorten(text, last.width))
  }

  return {columns: kept, cells: rows.map((_, row) => kept.map(({texts}) => texts[row] ?? ''))}
}

/**
 * A table of `rows` with one line each, no wider than `width` columns as far as {@link layOut} can bring it about.
 * `width` is undefined for a pipe.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
  style: Style,
): string {
  const {columns: kept, cells} = layOut(columns, rows, width)
  const table = new Table({
    head: kept.map(({column: {heading}}) => style.bold(heading)),
    colAligns: kept.map(({column: {align}}) => align ?? 'left'),
    chars: borderless,
    style: {head: [], border: [], 'padding-left': 0, 'padding-right': 0},
  })
  table.push(...cells)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** {@link renderTable} for any number of rows: the table library takes half a millisecond for each. */
export function renderList<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
  style: Style,
): string {
  const {columns: kept, cells} = layOut(columns, rows, width)
  const heading = style.bold(
    tableLine(
      kept,
      kept.map(({column}) => column.heading),
    ),
  )
  return [heading, ...cells.map((row) => tableLine(kept, row))].join('\n')
}

/** One line of a laid-out table, in plain text: for views that draw it again and again. */
export function tableLine<Row>(columns: Layout<Row>['columns'], cells: readonly string[]): string {
  return columns
    .map(({column: {align}, width}, index) => pad(cells[index] ?? '', width, align))
    .join(' '.repeat(gap))
    .trimEnd()
}

/** The text with spaces to so many columns of a terminal. */
export function pad(text: string, width: number, align: Column<never>['align'] = 'left'): string {
  const filling = ' '.repeat(Math.max(0, width - columnsOf(text)))
  return align === 'right' ? filling + text : text + filling
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(gap),
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
    kept.reduce((sum, each) => sum + gap + (each === last ? Math.min(each.width, leastLastColumn) : each.width), -gap)
  for (;;) {
    const [next] = kept
      .filter(({column}) => column.dropOrder)
      .sort((a, b) => (b.column.dropOrder ?? 0) - (a.column.dropOrder ?? 0))
    if (needed() <= width || next === undefined) return kept
    kept = kept.filter((column) => column !== next)
  }
}

/**
 * A text of letters that take one column of a terminal each, our own …, arrows and bars among them, and of nothing that
 * would steer it. Measuring others takes a hundred times as long.
 */
export const printable = /^[\x20-\x7E\u00A1-\u02FF\u2026\u2190-\u2193\u2581-\u2588]*$/

/** The columns of a terminal that a text takes. */
export function columnsOf(text: string): number {
  return printable.test(text) ? text.length : textWidth(text)
}

/**
 * What a server or client wrote, as one line: it must neither break a table nor steer the terminal. No more than
 * `longest` of it is looked at.
 */
export function oneLine(text: string, longest = Infinity): string {
  const trimmed = text.trimStart()
  const begin = trimmed.length > longest ? trimmed.slice(0, longest) : trimmed
  if (printable.test(begin) && !begin.includes('  ')) return begin.trimEnd()
  return stripVTControlCharacters(begin)
    .replace(/\s+/g, ' ')
    .replace(/[\u0000-\u001F\u007F-\u009F]/g, '')
    .trim()
}

let graphemes: Intl.Segmenter | undefined

/** The text cut to so many columns of a terminal, where emoji and East Asian characters take two. */
export function shorten(text: string, room: number): string {
  if (columnsOf(text) <= room) return text
  let cut = ''
  let width = 0
  // Made only here: it takes as long as the rest of a table.
  graphemes ??= new Intl.Segmenter('en')
  for (const {segment} of graphemes.segment(text)) {
    width += textWidth(segment)
    if (width > room - 1) break
    cut += segment
  }

  return `${cut}…`
}
