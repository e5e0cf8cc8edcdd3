import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {Piece} from '../../src/lib/sql-text/pieces.js'
import {split, text} from '../support/split.js'

type Plain = {-readonly [key in Exclude<keyof Piece, 'length'>]: Piece[key]}

/** The pieces with data chunks joined, since these alone may differ with the cuts. */
function merged(pieces: Piece[]): Plain[] {
  const result: Plain[] = []
  for (const piece of pieces) {
    const {kind, bytes, offset, start, line, column, statement, complete} = piece
    const last = result.at(-1)
    if (kind === 'copyData' && last?.kind === 'copyData') last.bytes = Buffer.concat([last.bytes, bytes])
    else result.push({kind, bytes, offset, start, line, column, statement, complete})
  }
  return result
}

describe('properties', () => {
  const token = fc.constantFrom(
    'select',
    ' ',
    '\n',
    '\r\n',
    ';',
    ';\n',
    "'",
    "''",
    "'a;b'",
    "E'",
    "e'\\''",
    '\\',
    '"',
    '"a;b"',
    '$',
    '$$',
    '$a$',
    '$a',
    '(',
    ')',
    '/*',
    '*/',
    '--',
    '-',
    '/',
    '*',
    'begin',
    'end',
    'case',
    'create function f() begin atomic',
    'create or replace procedure',
    'ä',
    '€',
    '😀',
    '\ufeff',
    "u&'",
    'u',
    '&',
    'x',
    '1',
    '1e',
    '.',
    'copy t from stdin;\n',
    '\\.',
    '\\.\n',
    '\\.\r\n',
    '\\i a\n',
    'set standard_conforming_strings = off;',
    'reset all;',
    ',',
    'n',
  )
  const script = fc.array(token, {maxLength: 60}).map((tokens) => Buffer.from(tokens.join('')))
  const outcome = (bytes: Buffer, cuts: number[]) => {
    try {
      return {pieces: merged(split(bytes, cuts))}
    } catch (error) {
      return {error: (error as Error).message}
    }
  }

  it('however a file is cut into chunks, the pieces are the same', () => {
    fc.assert(
      fc.property(script, fc.array(fc.nat(), {maxLength: 40}), (bytes, cuts) => {
        expect(outcome(bytes, cuts)).toEqual(outcome(bytes, []))
      }),
      {numRuns: 5000},
    )
  })

  it('joined, the pieces give the file', () => {
    fc.assert(
      fc.property(script, fc.array(fc.nat(), {maxLength: 10}), (bytes, cuts) => {
        const {pieces} = outcome(bytes, cuts)
        if (pieces) expect(Buffer.concat(pieces.map((piece) => piece.bytes)).equals(bytes)).toBe(true)
      }),
      {numRuns: 2000},
    )
  })

  it('a statement larger than any chunk comes whole', () => {
    const sql = `select '${'x;'.repeat(300_000)}';`
    const every = Array.from({length: 100}, (_, i) => i * 6000)
    expect(split(Buffer.from(`${sql}\n${sql}`), every).map(text)).toEqual([sql, sql])
  })
})
