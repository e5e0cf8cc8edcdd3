import {stripVTControlCharacters} from 'node:util'
import Table from 'cli-table3'
import type {ChalkInstance} from 'chalk'
import textWidth from 'string-width'

/** One column: its heading, a row's cell, and how soon it goes where the terminal is narrow (0: never). */
export interface Column<Row> {
  heading: string
  cell: (row: Row) => string
  /** The highest goes first. */
  dropOrder?: number
  align?: 'left' | 'right'
}

const gap = 2
const leastLastColumn = 16

/**
 * A table of `rows` with one line each, no wider than `width` columns: first the columns that matter least go, then
 * the last one is cut short. `width` is undefined for a pipe, where nothing is cut.
 */
export function renderTable<Row>(columns: Column<Row>[], rows: Row[], width: number | undefined, style: ChalkInstance): string {
  const cells = rows.map((row) => new Map(columns.map((column) => [column, oneLine(column.cell(row))])))
  const widthOf = (column: Column<Row>): number =>
    cells.reduce((widest, row) => Math.max(widest, textWidth(row.get(column) ?? '')), textWidth(column.heading))
  const kept = width === undefined ? columns : dropToFit(columns, widthOf, width)
  const last = kept.at(-1)
  const used = kept.slice(0, -1).reduce((sum, column) => sum + widthOf(column) + gap, 0)
  const room = width === undefined ? Infinity : Math.max(leastLastColumn, width - used)
  const table = new Table({
    head: kept.map(({heading}) => style.bold(heading)),
    colAligns: kept.map(({align}) => align ?? 'left'),
    chars: borderless,
    style: {head: [], border: [], 'padding-left': 0, 'padding-right': 0},
  })
  for (const row of cells) {
    table.push(kept.map((column) => (column === last ? shorten(row.get(column) ?? '', room) : (row.get(column) ?? ''))))
  }

  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const borderless = {
  top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '',
  'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ' '.repeat(gap),
}

function dropToFit<Row>(columns: Column<Row>[], widthOf: (column: Column<Row>) => number, width: number): Column<Row>[] {
  let kept = columns
  const last = columns.at(-1)
  const needed = (): number =>
    kept.reduce((sum, column) => sum + gap + (column === last ? Math.min(widthOf(column), leastLastColumn) : widthOf(column)), -gap)
  for (;;) {
    const [next] = kept.filter(({dropOrder}) => dropOrder).sort((a, b) => (b.dropOrder ?? 0) - (a.dropOrder ?? 0))
    if (needed() <= width || next === undefined) return kept
    kept = kept.filter((column) => column !== next)
  }
}

/** What a server or client wrote, as one line: it must neither break a table nor steer the terminal. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/\s+/g, ' ').replace(/[\u0000-\u001F\u007F-\u009F]/g, '').trim()
}

/** The text cut to so many columns of a terminal, where emoji and East Asian characters take two. */
export function shorten(text: string, room: number): string {
  if (text.length <= room && /^[\x20-\x7E]*$/.test(text)) return text
  if (textWidth(text) <= room) return text
  let cut = ''
  let width = 0
  // Made only here: it takes as long as the rest of a table.
  for (const {segment} of new Intl.Segmenter('en').segment(text)) {
    width += textWidth(segment)
    if (width > room - 1) break
    cut += segment
  }

  return `${cut}…`
}
