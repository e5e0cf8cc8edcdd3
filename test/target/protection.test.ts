import {describe, expect, it} from 'vitest'
import {ConnectionUrl} from '../../src/lib/target/connection-url.js'
import {protectionOf} from '../../src/lib/target/protection.js'

const addresses: Record<string, string[]> = {
  'db.internal': ['10.1.2.3', 'fd00::1'],
  'half.example.com': ['10.1.2.3', '203.0.113.9'],
  'public.example.com': ['203.0.113.9'],
  'private.abc.eu-west-1.rds.amazonaws.com': ['10.1.2.3'],
}
const of = (name: string, hosts: string): Promise<string | undefined> =>
  protectionOf(name, ConnectionUrl.parse(`postgres://u@${hosts}/d`, 'X'), (host) => Promise.resolve(addresses[host] ?? []))

describe('protectionOf', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', '10.0.0.5', '172.31.0.1', '192.168.1.9', '[fd12::1]', '[fe80::1]', '%2Frun', 'db.internal', 'nowhere'])(
    'leaves local on %s alone',
    async (host) => expect(await of('local', host)).toBeUndefined(),
  )

  it.each([
    ['203.0.113.9', 'public host'],
    ['172.32.0.1', 'public host'],
    ['[2001:db8::1]', 'public host'],
    ['[::ffff:203.0.113.9]', 'public host'],
    ['public.example.com', 'public host'],
    ['half.example.com', 'public host'],
    ['localhost,public.example.com', 'public host'],
    ['private.abc.eu-west-1.rds.amazonaws.com', 'managed host'],
    ['Private.ABC.eu-west-1.RDS.amazonaws.com.', 'managed host'],
    ['x.neon.tech', 'managed host'],
  ])('protects local on %s', async (host, protection) => expect(await of('local', host)).toBe(protection))

  it('protects every other name wherever it leads', async () => {
    expect(await of('prod', 'localhost')).toBe('name')
    expect(await of('staging', '127.0.0.1')).toBe('name')
  })
})
