import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {query, urlOf} from '../support/databases.js'
import {generate, remove, sidesOf} from './support/generate.js'
import {expectedOf} from './support/pair.js'
import {shortPairs} from './support/pairs/short.js'
import {singleTrip} from './support/round-trip.js'

beforeAll(() => query('postgres', 'create role short_reader'))
afterAll(() => query('postgres', 'drop role short_reader'))

describe('migrations that were generated, with the rows', () => {
  it.concurrent.each(shortPairs.map((pair) => [pair.name, pair] as const))(
    'lead there and back: %s',
    async (_, pair) => {
      const {there = {}} = pair
      const {a, b} = sidesOf(pair)
      const url = urlOf('postgres')
      const generated = await generate(a, b, there, url)
      try {
        const outcome = await singleTrip({url, pgDump: undefined}, {generated, way: there, data: a.data}, b.sql)
        expect(outcome).toEqual(expectedOf(there, '18'))
      } finally {
        await remove(generated)
      }
    },
  )
})
