import fc from 'fast-check'
import {once} from 'node:events'
import {createServer} from 'node:net'
import {inspect} from 'node:util'
import {describe, expect, it} from 'vitest'
import {ConfigurationError} from '../../src/lib/errors.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {freePort} from '../support/free-port.js'

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
    expect([...url.parameters]).toEqual([
      ['sslmode', 'require'],
      ['application_name', 'x y'],
    ])
  })

  it.each([
    ['postgres://u@h/d', [{host: 'h', port: 5432}]],
    ['POSTGRES://u@h/d', [{host: 'h', port: 5432}]],
    ['postgres://u@[::1]:5433/d', [{host: '::1', port: 5433}]],
    ['postgres://u@[fe80::1]/d', [{host: 'fe80::1', port: 5432}]],
    [
      'postgres://u@a:1,b:2/d',
      [
        {host: 'a', port: 1},
        {host: 'b', port: 2},
      ],
    ],
    [
      'postgres://u@a,b/d?port=7,8',
      [
        {host: 'a', port: 7},
        {host: 'b', port: 8},
      ],
    ],
    ['postgres:///d?host=/run/postgresql&user=u', [{host: '/run/postgresql', port: 5432}]],
    ['postgres://u@%2Frun%2Fpostgresql/d', [{host: '/run/postgresql', port: 5432}]],
    ['postgres://u@:1/d', [{host: 'localhost', port: 1}]],
    ['postgres:///d?user=u&port=1', [{host: 'localhost', port: 1}]],
  ])('finds the hosts of %s', (text, hosts) => {
    expect(parse(text).hosts).toEqual(hosts)
    expect(parse(text).user).toBe('u')
  })

  it("takes the query's values where the front has others, the last of each", () => {
    const url = parse('postgresql://u:pw@h:1/da?dbname=db&host=h2&port=2&user=u2&password=p%402&user=u3')
    expect([url.user, url.password, url.database, url.hosts]).toEqual(['u3', 'p@2', 'db', [{host: 'h2', port: 2}]])
    expect(url.label).toBe('u3@h2:2/db')
    for (const keyword of ['host', 'port', 'user', 'password', 'dbname'])
      expect(url.sources.get(keyword)).toEqual({kind: 'url'})
  })

  it.each([
    ['postgres://u@h:1/d?host=h2', [{host: 'h2', port: 1}]],
    ['postgres://u@h:1/d?port=2', [{host: 'h', port: 2}]],
    [
      'postgres://u@a:1,b:2/d?port=3',
      [
        {host: 'a', port: 3},
        {host: 'b', port: 3},
      ],
    ],
    [
      'postgres://u@a:1,b:2/d?host=c,d',
      [
        {host: 'c', port: 1},
        {host: 'd', port: 2},
      ],
    ],
    [
      'postgres://u@h:1/d?host=a,b',
      [
        {host: 'a', port: 1},
        {host: 'b', port: 1},
      ],
    ],
    ['postgres://u@h:1/d?host=', [{host: 'localhost', port: 1}]],
    ['postgres://u@h:1/d?port=', [{host: 'h', port: 5432}]],
    [
      'postgres://u@/d?hostaddr=10.0.0.1,10.0.0.2',
      [
        {host: '10.0.0.1', port: 5432, address: '10.0.0.1'},
        {host: '10.0.0.2', port: 5432, address: '10.0.0.2'},
      ],
    ],
    ['postgres://u@h:1/d?host=%2Frun', [{host: '/run', port: 1}]],
  ])('mixes the hosts and ports of front and query as libpq does: %s', (text, hosts) => {
    expect(parse(text).hosts).toEqual(hosts)
  })

  it.skipIf(process.platform === 'win32')('takes the usual folder of sockets where no host is given', async () => {
    const [port, other] = [await freePort(), await freePort()]
    const socket = createServer().listen(`/tmp/.s.PGSQL.${port}`)
    await once(socket, 'listening')
    try {
      expect(parse(`postgres://u@/d?port=${port}`).hosts).toEqual([{host: '/tmp', port}])
      expect(parse(`postgres://u@a,/d?port=${other},${port}`).hosts).toEqual([
        {host: 'a', port: other},
        {host: '/tmp', port},
      ])
      expect(parse(`postgres://u@/d?port=${other}`).hosts).toEqual([{host: 'localhost', port: other}])
      expect(parse(`postgres://u@/d?port=${port}&hostaddr=127.0.0.1`).primary.host).toBe('127.0.0.1')
      expect(parse(`postgres://u@localhost:${port}/d`).primary.host).toBe('localhost')
    } finally {
      socket.close()
    }
  })

  it('takes or passes over what libpq knows', () => {
    const query =
      'keepalives=1&keepalives_idle=30&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=1000&sslsni=1&require_auth=scram-sha-256&sslcompression=0&sslnegotiation=postgres&krbsrvname=postgres&gsslib=gssapi&gssdelegation=0&max_protocol_version=3.2&ssl_min_protocol_version=TLSv1.2&ssl_max_protocol_version=TLSv1.3&load_balance_hosts=random&sslcertmode=allow'
    const {parameters} = parse(`postgres://u@h/d?${query}`)
    expect([...parameters].map(([name, value]) => `${name}=${value}`).sort()).toEqual(query.split('&').sort())
  })

  it.each([
    ['ssl=true', 'require'],
    ['ssl=1', 'require'],
    ['ssl=true&sslmode=verify-full', 'verify-full'],
    ['sslmode=verify-full&ssl=true', 'verify-full'],
  ])('takes %s as sslmode=%s', (query, mode) => {
    const url = parse(`postgres://u@h/d?${query}`)
    expect([...url.parameters]).toEqual([['sslmode', mode]])
    expect(url.sources.get('sslmode')).toEqual({kind: 'url'})
  })

  it('takes fallback_application_name where nothing else names the application', () => {
    const named = (query: string): string | undefined =>
      parse(`postgres://u@h/d?${query}`).parameters.get('application_name')
    expect(named('fallback_application_name=a')).toBe('a')
    expect(named('fallback_application_name=a&application_name=b')).toBe('b')
  })

  it.each([
    ['requirepeer=postgres', ': requirepeer'],
    ['replication=database', ': replication'],
    ['schema=public', ': schema'],
    ['sslmod=secret', ': sslmod'],
    ['ssl=false', 'a value for ssl other than true'],
    ['keepalives=on', 'keepalives that is not a whole number'],
    ['sslsni=', 'sslsni that is not a whole number'],
  ])('names the parameter that it refuses: %s', (query, problem) => {
    const error = failure(`postgres://u:secret@h/d?${query}`)
    expect(error.message).toContain(problem)
    expect(inspect(error)).not.toContain('secret')
  })

  it.each(['postgres://u:x?cret@h', 'postgres://u:x?cret', 'postgres://u?cret=1@h', 'postgres://u@h/d?cret&a=b'])(
    'does not name what may be a part of a password: %s',
    (text) => {
      expect(inspect(failure(text)) + failure(text).next.join()).not.toContain('cret')
    },
  )

  it.each([
    ['jdbc:postgresql://h/d?user=u&password=secret', 'is a JDBC URL', 'Remove the jdbc:'],
    ['"postgres://u:secret@h/d"', 'is in quotes', 'Remove the quotes'],
    ["'postgres://u:secret@h/d'", 'is in quotes', 'Remove the quotes'],
    ['“postgres://u:secret@h/d”', 'is in quotes', 'Remove the quotes'],
    ['postgresql+psycopg2://u:secret@h/d', 'is a URL for SQLAlchemy', 'Remove the driver'],
    ["psql 'postgres://u:secret@h/d'", 'is a psql command', 'Use only the URL'],
    ['host=h user=u password=secret', 'is a list of keywords', 'postgresql://user'],
    ['postgres:u:secret@h/d', 'has no //', 'postgresql://user'],
  ])('says what it is instead of a URL: %s', (text, problem, next) => {
    const error = failure(text)
    expect(error.message).toContain(`CONNECTION_URL ${problem}`)
    expect(error.next.join()).toContain(next)
    expect(inspect(error)).not.toContain('secret')
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
    ['postgres://u:secret@h/d?sslmod=secret', 'an unknown parameter'],
    ['postgres://u:secret@h/d%00', '%00'],
    ['postgres://u:secret@h/d?dbname=', 'names no database'],
    ['postgres://u:secret@a:1,b:2/d?host=c', 'one host and 2 ports'],
    ['postgres://u:secret@a,b,c/d?port=1,2', '3 hosts and 2 ports'],
    ['postgres://u:secret@h/d?hostaddr=10.0.0.1,10.0.0.2', 'one host and 2 addresses'],
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
    const shown = [
      String(url),
      JSON.stringify({url}),
      inspect(url, {showHidden: true, depth: 9}),
      url.label,
      JSON.stringify({...url}),
    ]
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
      fc.property(
        text,
        text,
        text.filter((name) => Buffer.byteLength(name) <= 63),
        fc.integer({min: 1, max: 65_535}),
        (user, password, database, port) => {
          const url = ConnectionUrl.of({host: 'db.example.com', port, user, password, database})
          const again = parse(url.toStringWithPassword())
          expect([again.user, again.password, again.database, again.primary.port]).toEqual([
            user,
            password,
            database,
            port,
          ])
        },
      ),
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
