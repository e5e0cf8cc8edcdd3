import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {generate, type Generated, remove, sidesOf} from './support/generate.js'
import {expectedOf, type Major, type Pair} from './support/pair.js'
import {pairs} from './support/pairs.js'
import {serverOf} from './support/pair-servers.js'
import {roundTrips, type TestServer} from './support/round-trip.js'

const majors: readonly Major[] = ['18', '14', '15']
const servers = new Map<Major, TestServer>()

beforeAll(async () => {
  for (const major of majors) servers.set(major, await serverOf(major))
})

const on = (major: Major): TestServer => servers.get(major) as TestServer

/** The migrations of both directions, which are tried on one version and hold for all. */
async function bothWays(pair: Pair): Promise<[Generated, Generated]> {
  const {a, b} = sidesOf(pair)
  const {url} = on('18')
  return [await generate(a, b, pair.there ?? {}, url), await generate(b, a, pair.back ?? {}, url)]
}

describe.each(pairs.map((pair) => [pair.name, pair] as const))('%s', (_, pair) => {
  const {there = {}, back = {}} = pair
  const {a, b} = sidesOf(pair)
  let generated: Promise<[Generated, Generated]> | undefined
  afterAll(async () => {
    for (const one of (await generated?.catch(() => [])) ?? []) await remove(one)
  })

  it.for(majors)('on Postgres %s', async (major, {skip}) => {
    skip(pair.skip?.[major] !== undefined, pair.skip?.[major])
    const [thither, hither] = await (generated ??= bothWays(pair))
    const outcomes = await roundTrips(on(major), [
      {generated: thither, way: there, data: a.data},
      {generated: hither, way: back, data: b.data},
    ])
    expect(outcomes).toEqual([expectedOf(there, major), expectedOf(back, major)])
  })
})
