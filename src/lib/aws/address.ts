import {BlockList, isIP, SocketAddress} from 'node:net'

/** An address for a security-group rule. */
export interface PublicAddress {
  /** Spelled like AWS does: IPv6 is compressed and in lower case. */
  address: string
  family: 4 | 6
  /** The address as a network: `/32`, or `/128` for IPv6. */
  cidr: string
}

/** An address, or what is wrong with the text. */
export type AddressCheck = {address: PublicAddress; problem?: undefined} | {address?: undefined; problem: string}

type Range = [network: string, prefix: number, what: string]

/**
 * Addresses from which AWS can never see a request (https://www.iana.org/assignments/iana-ipv4-special-registry). The
 * ranges for documentation are allowed, because examples and tests need them.
 */
const closedIpv4: Range[] = [
  ['0.0.0.0', 8, 'an unspecified address'],
  ['10.0.0.0', 8, 'a private address'],
  ['100.64.0.0', 10, "a carrier's private address"],
  ['127.0.0.0', 8, 'a loopback address'],
  ['169.254.0.0', 16, 'a link-local address'],
  ['172.16.0.0', 12, 'a private address'],
  ['192.0.0.0', 24, 'a reserved address'],
  ['192.168.0.0', 16, 'a private address'],
  ['198.18.0.0', 15, 'an address for benchmarks'],
  ['224.0.0.0', 4, 'a multicast address'],
  ['240.0.0.0', 4, 'a reserved or broadcast address'],
]

/** The same for IPv6 (https://www.iana.org/assignments/iana-ipv6-special-registry), inside and outside of {@link globalIpv6}. */
const closedIpv6: Range[] = [
  ['::', 128, 'the unspecified address'],
  ['::1', 128, 'the loopback address'],
  ['::ffff:0:0', 96, 'an IPv4 address written as IPv6'],
  ['fe80::', 10, 'a link-local address'],
  ['fc00::', 7, 'a private (unique local) address'],
  ['ff00::', 8, 'a multicast address'],
  ['2001::', 32, 'a Teredo address'],
  ['2002::', 16, 'a 6to4 address'],
]

/** Global unicast, the only part of IPv6 with public addresses (RFC 4291, section 2.4). */
const globalIpv6 = blockList('2000::', 3, 'ipv6')

const lists = {
  4: closedIpv4.map(([network, prefix, what]) => ({list: blockList(network, prefix, 'ipv4'), what})),
  6: closedIpv6.map(([network, prefix, what]) => ({list: blockList(network, prefix, 'ipv6'), what})),
}

/**
 * Parses one public IPv4 or IPv6 address, without suffix, zone, port or spaces. It never throws, because the error depends
 * on the source of the address.
 */
export function checkAddress(text: string): AddressCheck {
  if (text.trim() === '') return {problem: 'is empty'}
  if (isIP(text.split('/', 1)[0] ?? '') !== 0 && text.includes('/')) {
    return {problem: 'contains a /; /32 or /128 is added automatically'}
  }

  const family = isIP(text)
  if (family === 0 || text.includes('%')) return {problem: 'is not an IP address'}
  return family === 4 ? check(text, 4) : check(text, 6)
}

function check(text: string, family: 4 | 6): AddressCheck {
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const closed = lists[family].find(({list}) => list.check(text, type))
  if (closed !== undefined) return {problem: `is ${closed.what}, not a public address`}
  if (family === 6 && !globalIpv6.check(text, type)) return {problem: 'is a reserved address, not a public address'}
  const {address} = new SocketAddress({address: text, family: type})
  return {address: {address, family, cidr: `${address}/${family === 4 ? 32 : 128}`}}
}

function blockList(network: string, prefix: number, type: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  list.addSubnet(network, prefix, type)
  return list
}
