import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {findPassword, parsePasswordFile} from '../../src/lib/targets/password-file.js'

const query = {host: 'h', port: 5432, database: 'd', user: 'u'}
const find = (text: string, wanted: Partial<typeof query> = {}): string | undefined =>
  findPassword(parsePasswordFile(text), {...query, ...wanted})
const field = fc.string({unit: 'grapheme', minLength: 1}).filter((text) => !/[\r\n]/.test(text))
const escaped = (text: string): string => text.replace(/[\\:]/g, '\\$&')

describe('a password file', () => {
  it.each([
    ['h:5432:d:u:secret', 'secret'],
    ['*:*:*:*:secret', 'secret'],
    ['# a comment\n\nh:5432:d:other:no\nh:5432:d:u:first\nh:5432:d:u:second', 'first'],
    ['h:5432:d:u:with\\:colon\\\\and backslash', 'with:colon\\and backslash'],
    ['h:5432:d:u:a:b:c', 'a:b:c'],
    ['h:5432:d:u:crlf\r\n', 'crlf'],
    ['h:5432:d:u: spaces ', ' spaces '],
    ['h:5433:d:u:no', undefined],
    ['h:5432:u:no', undefined],
    ['\\*:5432:d:u:no', undefined],
    ['H:5432:d:u:no', undefined],
    ['', undefined],
  ])('%j gives %s', (text, password) => {
    expect(find(text)).toBe(password)
  })

  it('calls the usual folders of sockets localhost', () => {
    expect(find('localhost:5432:d:u:secret', {host: '/run/postgresql'})).toBe('secret')
    expect(find('/srv/pg:5432:d:u:secret', {host: '/srv/pg'})).toBe('secret')
  })

  it('gives back what was written by its rules, whatever the names', () => {
    fc.assert(
      fc.property(
        field,
        fc.integer({min: 1, max: 65_535}),
        field,
        field,
        field,
        (host, port, database, user, password) => {
          fc.pre(
            !host.startsWith('#') &&
              ![host, database, user].includes('*') &&
              !['/tmp', '/run/postgresql', '/var/run/postgresql'].includes(host),
          )
          const line = [host, String(port), database, user, password].map(escaped).join(':')
          expect(find(`x:*:*:*:no\n${line}\n`, {host, port, database, user})).toBe(password)
        },
      ),
    )
  })

  it('never fails, whatever it holds', () => {
    fc.assert(fc.property(fc.string(), (text) => void find(text)))
  })
})
