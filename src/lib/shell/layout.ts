import type {LayoutInput, RowLayout} from './layout-parts.js'
import {csv, unaligned} from './layout-plain.js'
import {records} from './layout-records.js'
import {alignedTable} from './layout-table.js'

/** The layout for rows; `asRecords` writes each row as a record with one line for each column, like psql after `\x`. */
export function layoutOf(input: LayoutInput, asRecords: boolean): RowLayout {
  const {format} = input.options
  if (format === 'csv') return csv(input, asRecords)
  if (format === 'unaligned') return unaligned(input, asRecords)
  return asRecords ? records(input) : alignedTable(input)
}
