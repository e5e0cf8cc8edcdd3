import {Chalk} from 'chalk'
import {describe, expect, it} from 'vitest'
import {type Column, renderTable, shorten} from '../../src/lib/text/table.js'

const plain = new Chalk({level: 0})
const columns: Column<[string, string]>[] = [
  {heading: 'NAME', cell: ([name]) => name},
  {heading: 'SAYS', cell: ([, says]) => says},
]

describe('tables', () => {
  it('align what is two columns wide on a terminal', () => {
    expect(
      renderTable(
        columns,
        [
          ['東京', 'a'],
          ['👩‍🚀', 'b'],
          ['e\u0301', 'c'],
        ],
        undefined,
        plain,
      ).split('\n'),
    ).toEqual(['NAME  SAYS', '東京  a', '👩‍🚀    b', 'e\u0301     c'])
  })

  it('cut by columns, never through a character', () => {
    expect(shorten('日本語です', 6)).toBe('日本…')
    expect(shorten('日本語', 6)).toBe('日本語')
    expect(shorten('ab👨‍👩‍👧cd', 5)).toBe('ab👨‍👩‍👧…')
    expect(shorten('abcdef', 5)).toBe('abcd…')
    expect(shorten('abcde', 5)).toBe('abcde')
  })

  it('let nobody steer the terminal', () => {
    expect(renderTable(columns, [['a\u001B[2J', 'two\nlines\u0007']], undefined, plain)).toBe(
      'NAME  SAYS\na     two lines',
    )
  })
})
