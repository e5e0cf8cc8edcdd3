import {describe, expect, it} from 'vitest'
import {showPlace} from '../../src/lib/sql-files/place.js'

const shown = (text: string, column: number, width?: number) =>
  showPlace({file: 'a.sql', line: 7, column, text}, width).split('\n').slice(1)

describe('a place', () => {
  it('has its caret under the column, tabs and wide characters before it', () => {
    expect(shown('\tselect x', 9)).toEqual(['  7 | \tselect x', '      \t       ^'])
    expect(shown("select '日本😀é', x", 16)).toEqual(["  7 | select '日本😀é', x", '                        ^'])
    expect(shown('abc', 4)).toEqual(['  7 | abc', '         ^'])
  })

  it('shows the part of a long line around the column', () => {
    const [line = '', caret = ''] = shown(`${'a'.repeat(500)}X${'b'.repeat(500)}`, 501, 60)
    expect(line.length).toBeLessThanOrEqual(60)
    expect(line.charAt(caret.indexOf('^'))).toBe('X')
  })

  it('has no control characters in it', () => {
    expect(shown('a\u001b[31mb', 1)[0]).toBe('  7 | a?[31mb')
  })

  it('names the files that include it, and is a place without a line where that cannot be read', () => {
    expect(showPlace({file: 'b.sql', line: 2, column: 1, text: '', includedFrom: [{file: 'a.sql', line: 9}]})).toBe(
      '  b.sql:2:1\n  included from a.sql:9',
    )
  })
})
