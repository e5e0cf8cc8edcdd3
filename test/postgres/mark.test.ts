import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {freeName} from '../../src/lib/postgres/databases.js'
import {readMark, writeMark} from '../../src/lib/postgres/mark.js'

const text = fc.string({unit: 'grapheme'})
const mark = fc.record(
  {protected: text, state: fc.constantFrom('building', 'aside', 'kept', 'discard'), of: text, at: text},
  {requiredKeys: []},
)

describe('a mark in a comment', () => {
  it('comes back with the text that stood there before', () => {
    // A text that is a mark already is not one that a user has written.
    const own = text.filter((value) => !value.includes('[cruddur-db '))
    fc.assert(
      fc.property(own, mark, (comment, noted) => {
        expect(readMark(writeMark(comment, noted))).toEqual({text: comment, mark: noted})
      }),
    )
  })

  it.each([null, '', 'a comment', '[cruddur-db {broken]', 'x [cruddur-db {}] y'])('is not seen in %j', (comment) => {
    expect(readMark(comment)).toEqual({text: comment ?? '', mark: {}})
  })

  it('leaves no comment where there is nothing to note', () => {
    expect(writeMark('', {protected: undefined})).toBeNull()
    expect(writeMark('a comment', {})).toBe('a comment')
  })
})

describe('freeName', () => {
  it('is new, derived, and no longer than Postgres keeps', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', minLength: 1}), fc.nat(12), (name, count) => {
        const taken = new Set<string>()
        for (let time = 0; time <= count; time += 1) {
          const free = freeName(name, 'aside', taken)
          expect(taken.has(free)).toBe(false)
          expect(Buffer.byteLength(free)).toBeLessThanOrEqual(63)
          taken.add(free)
        }
      }),
    )
  })
})
