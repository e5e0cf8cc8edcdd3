import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parseService} from '../../src/lib/targets/service-file.js'

const settings = (text: string, name = 'prod'): Record<string, string> | undefined => {
  const found = parseService(text, name)
  if (found !== undefined && !(found instanceof Map)) throw new Error(`${found.line} ${found.problem}`)
  return found === undefined ? undefined : Object.fromEntries(found)
}

describe('a service file', () => {
  it('gives the section of that name, the first of two values, and nothing of other sections', () => {
    const text =
      '\uFEFF# all\n[dev]\nhost=dev\n\n[prod]\r\n  host=db.example.com  \n#port=1\nport=6000\nport=7000\npassword=a=b\n[staging]\nhost=s\n'
    expect(settings(text)).toEqual({host: 'db.example.com', port: '6000', password: 'a=b'})
    expect(settings(text, 'dev')).toEqual({host: 'dev'})
    expect(settings(text, 'nope')).toBeUndefined()
    expect(settings('[prod]')).toEqual({})
  })

  it.each([
    ['[prod]\nhost = h', {line: 2, problem: 'is not keyword=value without a space before the ='}],
    ['\n[prod]\n\nnonsense', {line: 4, problem: 'is not keyword=value without a space before the ='}],
    ['[prod]\nservice=other', {line: 2, problem: 'names another service, which libpq does not support'}],
  ])('%j says which line is wrong', (text, problem) => {
    expect(parseService(text, 'prod')).toEqual(problem)
    expect(parseService(text, 'dev')).toBeUndefined()
  })

  it('gives back what was written, and never fails', () => {
    const value = fc
      .string()
      .map((text) => text.replace(/[\r\n\u2028\u2029]/g, '').trim())
      .filter((text) => text !== '')
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]{1,9}$/), value), (wanted) => {
        fc.pre(!('service' in wanted))
        const lines = Object.entries(wanted).map(([keyword, text]) => `${keyword}=${text}`)
        expect(settings(['[other]', 'x', '[prod]', ...lines].join('\n'))).toEqual({...wanted})
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => void parseService(text, 'prod')))
  })
})
