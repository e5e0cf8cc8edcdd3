import fc from 'fast-check'
import {expect, it} from 'vitest'
import {renderCsv} from '../../src/lib/text/csv.js'

/** Reads RFC 4180 as its grammar has it. */
function parse(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') {
      rows.push(row)
      row = []
    }
  }

  return rows
}

it('CSV gives back what went in, whatever it is', () => {
  const field = fc.oneof(
    fc.string(),
    fc.constantFrom('"', ',', '\r\n', '\n', 'a"b', ' '),
    fc.string({unit: 'grapheme'}),
  )
  fc.assert(
    fc.property(fc.array(fc.array(field, {minLength: 2, maxLength: 4}), {maxLength: 5}), (rows) => {
      expect(parse(renderCsv(rows))).toEqual(rows)
    }),
  )
  expect(renderCsv([[null, 1, true, 'a']])).toBe(',1,true,a\r\n')
})
