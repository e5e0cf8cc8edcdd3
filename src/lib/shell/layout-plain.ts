import {footerOf, type LayoutInput, type RowLayout} from './layout-parts.js'

/** Fields with separators, like psql after `\a` (`print_unaligned_text`). */
export function unaligned({columns, options, shown}: LayoutInput, asRecords: boolean): RowLayout {
  const {fieldSeparator, recordSeparator, tuplesOnly, nothing, title} = options
  let begun = false
  const next = (text: string, separators = 1): string => {
    const before = begun ? recordSeparator.repeat(separators) : ''
    begun = true
    return before + text
  }
  const field = (value: string | null | undefined): string => shown(value ?? nothing)
  const names = columns.map(({name}) => shown(name))
  return {
    width: 0,
    head() {
      if (tuplesOnly) return ''
      const above = title === undefined ? '' : next(shown(title))
      return asRecords ? above : above + next(names.join(fieldSeparator))
    },
    row(row) {
      if (!asRecords) return next(columns.map((_, index) => field(row[index])).join(fieldSeparator))
      return next(names.map((name, index) => `${name}${fieldSeparator}${field(row[index])}`).join(recordSeparator), 2)
    },
    foot(count) {
      const below = footerOf(count, options, !asRecords).map((line) => next(shown(line)))
      return `${below.join('')}${begun ? '\n' : ''}`
    },
  }
}

/** Comma-separated values, like psql's format csv (`print_csv_text`). */
export function csv({columns, options: {tuplesOnly, nothing}, shown}: LayoutInput, asRecords: boolean): RowLayout {
  const field = (text: string): string =>
    /[",\r\n]/.test(text) || text === '\\.' ? `"${shown(text).replaceAll('"', '""')}"` : shown(text)
  const names = columns.map(({name}) => field(name))
  return {
    width: 0,
    head: () => (tuplesOnly || asRecords ? '' : `${names.join(',')}\n`),
    row(row) {
      const fields = columns.map((_, index) => field(row[index] ?? nothing))
      if (!asRecords) return `${fields.join(',')}\n`
      return fields.map((value, index) => `${names[index]},${value}\n`).join('')
    },
    foot: () => '',
  }
}
