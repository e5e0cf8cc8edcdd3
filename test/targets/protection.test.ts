import {describe, expect, it} from 'vitest'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {protectionOf} from '../../src/lib/targets/protection.js'

const of = (name: string, hosts: string, address?: string): string | undefined =>
  protectionOf(name, ConnectionUrl.parse(`postgres://u@${hosts}/d`, 'X'), address)

describe('protectionOf', () => {
  it.each([
    'localhost',
    '127.0.0.1',
    '[::1]',
    '10.0.0.5',
    '172.31.0.1',
    '192.168.1.9',
    '[fd12::1]',
    '[fe80::1]',
    '%2Frun',
    'db.internal',
  ])('leaves local on %s alone', (host) => expect(of('local', host)).toBeUndefined())

  it.each([
    ['203.0.113.9', 'public host'],
    ['172.32.0.1', 'public host'],
    ['[2001:db8::1]', 'public host'],
    ['[::ffff:203.0.113.9]', 'public host'],
    ['localhost,203.0.113.9', 'public host'],
    ['private.abc.eu-west-1.rds.amazonaws.com', 'managed host'],
    ['Private.ABC.eu-west-1.RDS.amazonaws.com.', 'managed host'],
    ['x.neon.tech', 'managed host'],
  ])('protects local on %s', (host, protection) => expect(of('local', host)).toBe(protection))

  it.each([
    ['10.1.2.3', undefined],
    ['::ffff:127.0.0.1', undefined],
    ['fd00::1', undefined],
    ['203.0.113.9', 'public host'],
    ['2001:db8::1', 'public host'],
    ['::ffff:203.0.113.9', 'public host'],
  ])('goes by the address that a connection to a name has: %s', (address, protection) =>
    expect(of('local', 'db.internal', address)).toBe(protection),
  )

  it('protects every other name wherever it leads', () => {
    expect(of('prod', 'localhost')).toBe('name')
    expect(of('staging', '127.0.0.1')).toBe('name')
  })
})
