import fc from 'fast-check'
import {BlockList, isIP} from 'node:net'
import {describe, expect, it} from 'vitest'
import {checkAddress} from '../../src/lib/aws/address.js'

const octets = (...values: number[]): string => values.join('.')
const byte = fc.nat(255)

describe('checkAddress', () => {
  it.each([
    ['203.0.113.9', {address: '203.0.113.9', family: 4, cidr: '203.0.113.9/32'}],
    ['1.1.1.1', {address: '1.1.1.1', family: 4, cidr: '1.1.1.1/32'}],
    ['2001:DB8:0::0001', {address: '2001:db8::1', family: 6, cidr: '2001:db8::1/128'}],
    ['2a00:1450:4001:0:0:0:0:200e', {address: '2a00:1450:4001::200e', family: 6, cidr: '2a00:1450:4001::200e/128'}],
  ])('takes %s', (text, address) => {
    expect(checkAddress(text)).toEqual({address})
  })

  it.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['203.0.113.9/32', '/'],
    ['2001:db8::1/128', '/'],
    ['203.0.113.9\n', 'not an IP address'],
    [' 203.0.113.9', 'not an IP address'],
    ['203.0.113.9, 203.0.113.10', 'not an IP address'],
    ['203.0.113.09', 'not an IP address'],
    ['0x7f.1', 'not an IP address'],
    ['3405803785', 'not an IP address'],
    ['203.0.113.256', 'not an IP address'],
    ['203.0.113.9:443', 'not an IP address'],
    ['[2001:db8::1]', 'not an IP address'],
    ['2001:db8::1%eth0', 'not an IP address'],
    ['２０３.0.113.9', 'not an IP address'],
    ['example.com', 'not an IP address'],
    ['0.0.0.0', 'an unspecified address'],
    ['100.127.255.255', 'private address'],
    ['169.254.169.254', 'a link-local address'],
    ['172.31.255.255', 'a private address'],
    ['198.19.0.1', 'benchmarks'],
    ['239.1.1.1', 'a multicast address'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'the unspecified address'],
    ['::1', 'the loopback address'],
    ['::ffff:203.0.113.9', 'an IPv4 address written as IPv6'],
    ['::FFFF:cb00:7109', 'an IPv4 address written as IPv6'],
    ['fe80::1', 'a link-local address'],
    ['fd12:3456::1', 'private'],
    ['ff02::1', 'a multicast address'],
    ['2002:cb00:7109::1', 'a 6to4 address'],
    ['2001:0:1::1', 'a Teredo address'],
    ['64:ff9b::1', 'a reserved address'],
  ])('refuses %j', (text, problem) => {
    const check = checkAddress(text)
    expect(check.address).toBeUndefined()
    expect(check.problem).toContain(problem)
  })

  it.each([
    ['172.15.255.255', '172.32.0.0'],
    ['100.63.255.255', '100.128.0.0'],
    ['9.255.255.255', '11.0.0.0'],
    ['223.255.255.255', '192.167.255.255'],
  ])('takes what lies just outside of a closed range: %s, %s', (...texts) => {
    for (const text of texts) expect(checkAddress(text).address?.address).toBe(text)
  })

  it('refuses every address of the private, loopback, link-local, multicast and reserved ranges', () => {
    const closed = fc.oneof(
      fc.tuple(fc.constantFrom(0, 10, 127), byte, byte, byte),
      fc.tuple(fc.constant(172), fc.integer({min: 16, max: 31}), byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
      fc.tuple(fc.constant(100), fc.integer({min: 64, max: 127}), byte, byte),
      fc.tuple(fc.integer({min: 224, max: 255}), byte, byte, byte),
    )
    fc.assert(fc.property(closed, (parts) => checkAddress(octets(...parts)).problem !== undefined))
  })

  it('takes an IPv6 address only from 2000::/3, and gives every spelling of it the same one', () => {
    const global = new BlockList()
    global.addSubnet('2000::', 3, 'ipv6')
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const {address} = checkAddress(text)
        if (address === undefined) return
        expect(global.check(text, 'ipv6')).toBe(true)
        expect(address.cidr).toBe(`${address.address}/128`)
        expect(checkAddress(address.address)).toEqual({address})
        expect(checkAddress(text.toUpperCase())).toEqual({address})
      }),
    )
  })

  it('takes no text that is not an address, and never throws', () => {
    const text = fc.oneof(fc.string({unit: 'binary'}), fc.stringMatching(/^[0-9a-f:.%/ \n]*$/), fc.ipV4Extended())
    fc.assert(fc.property(text, (value) => checkAddress(value).address === undefined || isIP(value) !== 0))
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.constantFrom(' ', '\n', '\0', '/32', '\t', '\r\n', '%', ',1.1.1.1'),
        (ip, junk) => checkAddress(ip + junk).address === undefined && checkAddress(junk + ip).address === undefined,
      ),
    )
  })
})
