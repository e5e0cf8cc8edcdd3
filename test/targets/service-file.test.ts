import fc from 'fast-check'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {parseService, readService} from '../../src/lib/targets/service-file.js'
import {folderOfTest} from '../support/temporary-folder.js'

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

describe('a service', () => {
  const read = async (lines: string): Promise<Record<string, string>> => {
    const path = join(folderOfTest(), 'pg_service.conf')
    await writeFile(path, `[prod]\n${lines}\n`)
    return Object.fromEntries(readService('prod', [path]).settings)
  }

  it('takes or passes over what libpq knows', async () => {
    const lines = 'keepalives=1\nkeepalives_idle=30\ntcp_user_timeout=1000\nsslsni=0\nrequire_auth=!password'
    expect(Object.keys(await read(lines))).toHaveLength(5)
    expect(await read('ssl=true')).toEqual({sslmode: 'require'})
    expect(await read('ssl=true\nsslmode=verify-full')).toEqual({sslmode: 'verify-full'})
    expect(await read('fallback_application_name=a')).toEqual({fallback_application_name: 'a'})
  })

  it.each([
    ['requirepeer=postgres', 'requirepeer'],
    ['ssl=no', 'ssl'],
    ['keepalives=on', 'keepalives'],
  ])('is refused for %s, by name', async (line, keyword) => {
    await expect(read(line)).rejects.toMatchObject({code: 'service_file_invalid', details: {keyword}})
    await expect(read(line)).rejects.toThrow(keyword)
  })

  it('in UTF-16 is an error', async () => {
    const path = join(folderOfTest(), 'pg_service.conf')
    await writeFile(path, Buffer.from('\uFEFF[prod]\nhost=h\n', 'utf16le'))
    expect(() => readService('prod', [path])).toThrow(/is encoded in UTF-16/)
  })
})
