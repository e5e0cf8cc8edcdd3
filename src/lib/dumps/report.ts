import {formatBytes, formatCount, formatNumber} from '../text/format.js'
import type {DumpProgress, DumpResult} from './dump.js'

/** The progress after so many seconds. */
export function dumpProgressLine({tables, ofTables, bytes}: DumpProgress, seconds: number): string {
  const count = `${formatNumber(tables)} of ${formatCount(ofTables, 'table')}`
  return `${count}, ${formatBytes(bytes)}, ${formatBytes(bytes / seconds)}/s`
}

/** What was written, in one line. */
export function dumpSummary({database, file, tables, rows, bytes}: DumpResult): string {
  const facts = [formatCount(tables, 'table'), formatCount(rows, 'row'), formatBytes(bytes)]
  return `Wrote ${database} to ${file ?? 'stdout'}: ${facts.join(', ')}.`
}
