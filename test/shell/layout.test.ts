import fc from 'fast-check'
import textWidth from 'string-width'
import {describe, expect, it} from 'vitest'
import {cellLines} from '../../src/lib/shell/cell.js'
import {layoutOf} from '../../src/lib/shell/layout.js'
import {type LayoutRow, type RowLayout, standardLayout} from '../../src/lib/shell/layout-parts.js'
import {parsePattern} from '../../src/lib/shell/pattern.js'

const columns = [
  {name: 'n', type: 23},
  {name: 'text', type: 25},
]
const layout = (sample: readonly LayoutRow[], asRecords = false): RowLayout =>
  layoutOf({columns, sample, options: standardLayout, shown: (text) => text}, asRecords)

describe('a table', () => {
  it('has columns of one width, whatever is in them, and nothing that steers a terminal', () => {
    const value = fc.oneof(fc.string({unit: 'binary'}), fc.string({unit: 'grapheme'}), fc.constant(null))
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), {minLength: 1, maxLength: 5}), (rows) => {
        const table = layout(rows)
        for (const row of rows) {
          const text = table.row(row)
          expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/)
        }
      }),
    )
  })

  it('keeps its layout for rows that come later', () => {
    const table = layout([['1', 'a']])
    expect(table.head() + table.row(['1', 'a']) + table.row(['12345', null]) + table.foot(2)).toBe(
      ' n | text \n---+------\n 1 | a\n 12345 | \n(2 rows)\n\n',
    )
  })

  it('shows odd characters as psql does', () => {
    const shown = (text: string): string[] => cellLines(text).map((line) => line.text)
    expect(shown('a\tb\r\n\u001B[2J\u0000\u007F\u009B31m')).toEqual(['a       b\\r', '\\x1B[2J\\x00\\x7F\\u009B31m'])
    expect(shown('a\u202Eb')).toEqual(['a\\u202Eb'])
    expect(cellLines('東京')).toEqual([{text: '東京', width: textWidth('東京')}])
  })

  it('of records says which', () => {
    const rows: [string, string][] = [
      ['1', 'a'],
      ['2', 'b'],
    ]
    const table = layout(rows, true)
    expect(table.head() + rows.map((row) => table.row(row)).join('') + table.foot(2)).toBe(
      '-[ RECORD 1 ]\nn    | 1\ntext | a\n-[ RECORD 2 ]\nn    | 2\ntext | b\n\n',
    )
  })
})

describe('a pattern', () => {
  it.each([
    ['', {}],
    ['Users', {name: '^(users)$'}],
    ['"Users"', {name: '^(Users)$'}],
    ['public.*', {schema: '^(public)$'}],
    ['*.users', {schema: '^(.*)$', name: '^(users)$'}],
    ['"a.b"', {name: '^(a\\.b)$'}],
    ['"say ""hi"""', {name: '^(say "hi")$'}],
    ['us(er|ed)[0-9]+', {name: '^(us(er|ed)[0-9]+)$'}],
    ['"a|b"', {name: '^(a\\|b)$'}],
    ['int[]', {name: '^(int\\[])$'}],
    ['us?r*', {name: '^(us.r.*)$'}],
    ['a$b', {name: '^(a\\$b)$'}],
    ['größe', {name: '^(größe)$'}],
  ])('%j', (text, expected) => {
    expect(JSON.parse(JSON.stringify(parsePattern(text)))).toEqual(expected)
  })
})
