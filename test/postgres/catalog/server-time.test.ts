import fc from 'fast-check'
import {expect, it} from 'vitest'
import {isoTime, microseconds} from '../../../src/lib/postgres/catalog/server-time.js'
import {withConnection} from '../../support/databases.js'

it.each([
  ['0002f6077285d641', '2026-05-30T13:09:59.999041Z'],
  ['0000000000000000', '2000-01-01T00:00:00.000000Z'],
  ['ffffffffffffffff', '1999-12-31T23:59:59.999999Z'],
  ['fffca2fec4c82000', '1970-01-01T00:00:00.000000Z'],
])('%s is %s', (sent, expected) => {
  expect(isoTime(microseconds(Buffer.from(sent, 'hex')))).toBe(expected)
})

it('is the moment that the server means, to the microsecond, and read back by it whatever is set', async () => {
  const moment = fc.integer({min: Date.UTC(1960, 0) * 1000, max: Date.UTC(2200, 0) * 1000})
  await withConnection('postgres', async (client) => {
    await client.query(
      "set datestyle = 'German, DMY'; set timezone = 'Asia/Kathmandu'; set bytea_output = 'escape'; set extra_float_digits = -10",
    )
    await fc.assert(
      fc.asyncProperty(fc.array(moment, {minLength: 1, maxLength: 200}), async (moments) => {
        const times = moments.map(isoTime)
        const {rows} = await client.query<{sent: Buffer}>(
          'select timestamptz_send(t) as sent from unnest($1::timestamptz[]) with ordinality as of(t, at) order by at',
          [times],
        )
        expect(rows.map(({sent}) => microseconds(sent))).toEqual(moments)
      }),
      {numRuns: 20},
    )
  })
})
