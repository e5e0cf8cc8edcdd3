import {type CellLine, cellLines} from './cell.js'

/** A column of a result. */
export interface ResultColumn {
  name: string
  /** The oid of its type; 0 if it does not matter. */
  type: number
}

export type LayoutRow = readonly (string | null)[]

/** Renders rows one after the other. */
export interface RowLayout {
  /** The width on a terminal. */
  width: number
  head(): string
  row(row: LayoutRow): string
  foot(count: number): string
}

export const formats = ['aligned', 'unaligned', 'csv'] as const

/** How results are written, as `\pset` sets it (https://www.postgresql.org/docs/current/app-psql.html). */
export interface LayoutOptions {
  format: (typeof formats)[number]
  /** The text for null. */
  nothing: string
  /** 0, 1, or 2 for a frame. */
  border: number
  /** Only rows: no heading, title or number of rows. */
  tuplesOnly: boolean
  /** Whether the number of rows is written. */
  counts: boolean
  /** Between the fields of a row that is not aligned. */
  fieldSeparator: string
  /** Between rows that are not aligned. */
  recordSeparator: string
  title?: string | undefined
  /** Lines below the table, instead of the number of rows. */
  footer?: readonly string[] | undefined
}

export const standardLayout: LayoutOptions = {
  ...{format: 'aligned', nothing: '', border: 1, tuplesOnly: false, counts: true},
  ...{fieldSeparator: '|', recordSeparator: '\n'},
}

/** What a layout is made of. The widths come from `sample`, the first rows; longer values that come later stand out. */
export interface LayoutInput {
  columns: readonly ResultColumn[]
  sample: readonly LayoutRow[]
  options: LayoutOptions
  /** Makes text harmless for a terminal, where it goes to one. */
  shown: (text: string) => string
}

export function linesOf(value: string | null | undefined, {nothing}: LayoutOptions): CellLine[] {
  return cellLines(value ?? nothing)
}

export function widestOf(lines: readonly CellLine[] | undefined): number {
  return (lines ?? []).reduce((widest, {width}) => Math.max(widest, width), 0)
}

export function blanks(width: number): string {
  return ' '.repeat(Math.max(0, width))
}

/** The lines below rows; the number of rows only if `counted`. */
export function footerOf(count: number, options: LayoutOptions, counted = true): string[] {
  const {footer, tuplesOnly, counts} = options
  if (tuplesOnly) return []
  if (footer !== undefined) return [...footer]
  return counted && counts ? [`(${count} row${count === 1 ? '' : 's'})`] : []
}
