import fc from 'fast-check'
import {expect, it} from 'vitest'
import {FrontendMessages} from '../../src/lib/dumps/pg-dump/frontend-messages.js'

function queryMessage(text: string): Buffer {
  const body = Buffer.from(`${text}\0`)
  const header = Buffer.from('Q\0\0\0\0')
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}

it('gives each query once, whole, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.array(fc.nat(), {maxLength: 4})), {maxLength: 5}), (queries) => {
      const messages = new FrontendMessages()
      for (const [text, cuts] of queries) {
        const whole = queryMessage(text)
        const ends = [...new Set(cuts.map((cut) => cut % whole.length))].filter((end) => end > 0).sort((a, b) => a - b)
        let from = 0
        for (const end of ends) {
          expect(messages.push(whole.subarray(from, end))).toBeUndefined()
          from = end
        }
        expect(messages.push(whole.subarray(from))).toEqual(whole)
      }
    }),
  )
})

it('does not pass on the good-bye', () => {
  expect(new FrontendMessages().push(Buffer.from('X\0\0\0\u0004'))).toBeUndefined()
})
