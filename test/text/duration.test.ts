import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {UsageError} from '../../src/lib/errors.js'
import {parseDuration} from '../../src/lib/text/duration.js'

const seconds = {ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400}

describe('times', () => {
  it('are a number and a unit, several of them, or seconds alone', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({min: 0, max: 1000}),
            fc.constantFrom(...(Object.keys(seconds) as (keyof typeof seconds)[])),
          ),
          {minLength: 1, maxLength: 4},
        ),
        (parts) => {
          const text = parts.map(([number, unit]) => `${number}${unit}`).join('')
          expect(parseDuration(text, '--x')).toBeCloseTo(
            parts.reduce((sum, [number, unit]) => sum + number * seconds[unit], 0),
            3,
          )
        },
      ),
    )
    expect(parseDuration('1h 30m', '--x')).toBe(5400)
    expect(parseDuration('0.5', '--x')).toBe(0.5)
    expect(parseDuration(' 2S ', '--x')).toBe(2)
  })

  it('are nothing else: any text is a time or a usage error, never something between', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+ .\dsmhd]{0,8}$/)), (text) => {
        try {
          const value = parseDuration(text, '--x')
          expect(value).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(value)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError)
        }
      }),
    )
    for (const text of [
      '',
      ' ',
      '-5m',
      '+5m',
      '5',
      '5x',
      'm',
      '5m6',
      '1e3s',
      'Infinity',
      '5 m m',
      '0x10',
      '١s',
      '99999999999d',
    ]) {
      if (text === '5') expect(parseDuration(text, '--x')).toBe(5)
      else expect(() => parseDuration(text, '--x'), text).toThrow(UsageError)
    }
  })
})
