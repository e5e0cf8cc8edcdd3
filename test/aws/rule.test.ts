import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {changedState, checkChanges, type RuleChanges, sameState} from '../../src/lib/aws/rule.js'
import {UsageError} from '../../src/lib/errors.js'

const address = {address: '203.0.113.9', family: 4, cidr: '203.0.113.9/32'} as const
const current = {cidr: '198.51.100.7/32', protocol: 'tcp', fromPort: 5432, toPort: 5432, description: 'office'}

describe('checkChanges', () => {
  it.each([
    ['TCP', 'tcp'],
    ['6', 'tcp'],
    ['17', 'udp'],
    ['all', '-1'],
    ['-1', '-1'],
    ['58', 'icmpv6'],
    ['50', '50'],
  ])('gives the protocol %s the name that AWS has for it: %s', (protocol, name) => {
    expect(checkChanges({protocol}).protocol).toBe(name)
  })

  it.each<RuleChanges>([
    {protocol: '256'},
    {protocol: ''},
    {protocol: 'constructor'},
    {fromPort: 5433, toPort: 5432},
    {description: 'a'.repeat(256)},
    {description: 'two\nlines'},
    {description: '<b>'},
  ])('refuses %j', (changes) => {
    expect(() => checkChanges(changes)).toThrow(UsageError)
  })
})

describe('changedState', () => {
  it('changes the address and nothing else where nothing else is asked for', () => {
    const port = fc.nat(65_535)
    const states = fc.record({
      cidr: fc.constant(current.cidr),
      protocol: fc.constantFrom('tcp', 'udp'),
      fromPort: port,
      toPort: port,
      description: fc.option(fc.string()),
    })
    fc.assert(
      fc.property(states, (state) => {
        fc.pre(state.fromPort <= state.toPort)
        const changed = changedState(state, address, {})
        expect(changed).toEqual({...state, cidr: address.cidr})
        expect(sameState(changed, state)).toBe(false)
        expect(sameState(changedState(changed, address, {}), changed)).toBe(true)
      }),
    )
  })

  it.each<[RuleChanges, object]>([
    [{toPort: 5440}, {fromPort: 5432, toPort: 5440}],
    [{protocol: '-1'}, {protocol: '-1', fromPort: -1, toPort: -1}],
    [{description: ''}, {description: null}],
    [{description: 'home'}, {description: 'home'}],
    [
      {protocol: 'icmp', fromPort: 8, toPort: -1},
      {protocol: 'icmp', fromPort: 8, toPort: -1},
    ],
  ])('changes what is asked for: %j', (changes, expected) => {
    expect(changedState(current, address, changes)).toEqual({...current, cidr: address.cidr, ...expected})
  })

  it.each<[RuleChanges, string]>([
    [{fromPort: 5433}, 'ports_malformed'],
    [{fromPort: -1}, 'ports_missing'],
    [{protocol: '-1', toPort: 5432}, 'ports_malformed'],
  ])('refuses ports that make no range: %j', (changes, code) => {
    expect(() => changedState(current, address, changes)).toThrow(expect.objectContaining({code}) as Error)
  })
})
