import {inspect} from 'node:util'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {ConfigurationError} from '../../src/lib/errors.js'
import {ConnectionUrl} from '../../src/lib/target/connection-url.js'

const parse = (text: string): ConnectionUrl => ConnectionUrl.parse(text, 'CONNECTION_URL')

function failure(text: string): ConfigurationError {
  try {
    parse(text)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }

  throw new Error('it parsed')
}

describe('ConnectionUrl', () => {
  it('takes a URL apart', () => {
    const url = parse('postgresql://ada:p%40ss@db.example.com:6543/cruddur?sslmode=require&application_name=x%20y')
    expect(url.user).toBe('ada')
    expect(url.password).toBe('p@ss')
    expect(url.hosts).toEqual([{host: 'db.example.com', port: 6543}])
    expect(url.database).toBe('cruddur')
    expect([...url.parameters]).toEqual([['sslmode', 'require'], ['application_name', 'x y']])
  })

  it.each([
    ['postgres://u@h/d', [{host: 'h', port: 5432}]],
    ['POSTGRES://u@h/d', [{host: 'h', port: 5432}]],
    ['postgres://u@[::1]:5433/d', [{host: '::1', port: 5433}]],
    ['postgres://u@[fe80::1]/d', [{host: 'fe80::1', port: 5432}]],
    ['postgres://u@a:1,b:2/d', [{host: 'a', port: 1}, {host: 'b', port: 2}]],
    ['postgres://u@a,b/d?port=7,8', [{host: 'a', port: 7}, {host: 'b', port: 8}]],
    ['postgres:///d?host=/run/postgresql&user=u', [{host: '/run/postgresql', port: 5432}]],
    ['postgres://u@%2Frun%2Fpostgresql/d', [{host: '/run/postgresql', port: 5432}]],
    ['postgres://u@/d', [{host: 'localhost', port: 5432}]],
  ])('finds the hosts of %s', (text, hosts) => {
    expect(parse(text).hosts).toEqual(hosts)
    expect(parse(text).user).toBe('u')
  })

  it.each([
    ['', 'is not a URL'],
    ['cruddur', 'is not a URL'],
    ['localhost:5432/cruddur', 'is not a URL'],
    ['mysql://u:secret@h/d', 'is a mysql:// URL'],
    ['postgres://u:secret@h', 'names no database'],
    ['postgres://u:secret@h/', 'names no database'],
    ['postgres://u:se#cret@h/d', 'an unescaped #'],
    ['postgres://u:12#secret@h/d', 'an unescaped #'],
    ['postgres://u:se@cret@h/d', 'an unescaped @'],
    ['postgres://u:se/cret@h/d', 'an unescaped / or ?'],
    ['postgres://u:se?cret@h/d', 'an unescaped / or ?'],
    ['postgres://u:se%zzcret@h/d', 'a %'],
    ['postgres://u:se cret@h/d', 'a space'],
    ['postgres://u:secret@h:0/d', 'invalid port 0'],
    ['postgres://u:secret@h:99999/d', 'invalid port 99999'],
    ['postgres://u:secret@h:port/d', 'invalid port'],
    ['postgres://u:secret@h/d?sslmod=secret', 'a parameter'],
    ['postgres://u:secret@h/d%00', '%00'],
    [`postgres://u:secret@h/${'ä'.repeat(32)}`, '64 bytes'],
  ])('refuses %s', (text, problem) => {
    const error = failure(text)
    expect(error.message).toContain(problem)
    expect(error.message).toContain('CONNECTION_URL')
    expect(error.next.length).toBeGreaterThan(0)
    expect(inspect(error) + JSON.stringify(error)).not.toContain('cret')
  })

  it('never shows its password unless asked', () => {
    const url = parse('postgres://u:hunter2@h/d')
    const shown = [String(url), JSON.stringify({url}), inspect(url, {showHidden: true, depth: 9}), url.label, JSON.stringify({...url})]
    expect(shown.join()).not.toContain('hunter2')
    expect(url.toStringWithPassword()).toBe('postgresql://u:hunter2@h:5432/d')
  })

  it('keeps everything but the name in withDatabase', () => {
    const other = parse('postgres://cruddur:cruddur@cruddur/cruddur?sslmode=disable').withDatabase('postgres')
    expect(other.toStringWithPassword()).toBe('postgresql://cruddur:cruddur@cruddur:5432/postgres?sslmode=disable')
  })

  it('reads back whatever it writes', () => {
    const text = fc.string({unit: 'grapheme', minLength: 1, maxLength: 15})
    fc.assert(
      fc.property(text, text, text.filter((name) => Buffer.byteLength(name) <= 63), fc.integer({min: 1, max: 65_535}), (user, password, database, port) => {
        const url = ConnectionUrl.of({host: 'db.example.com', port, user, password, database})
        const again = parse(url.toStringWithPassword())
        expect([again.user, again.password, again.database, again.primary.port]).toEqual([user, password, database, port])
      }),
    )
  })

  it('answers any text with a URL or a ConfigurationError that does not quote it', () => {
    fc.assert(
      fc.property(fc.string({maxLength: 40}), (tail) => {
        try {
          parse(`postgres://${tail}`)
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError)
        }
      }),
    )
  })
})
