import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {contextOf} from '../migrations/support/plan.js'
import {query, urlOf} from '../support/databases.js'
import {everything, moved, mutantsOfEverything, mutantsOfMoved} from './support/mutants.js'
import {survivors} from './support/survivors.js'

const role = 'mutant_reader'
beforeAll(() => query('postgres', `create role ${role}`))
afterAll(() => query('postgres', `drop role ${role}`))

const server = () => contextOf(urlOf('postgres'))

describe('the proof', () => {
  it('refuses a change of many kinds of objects that was broken', async () => {
    expect(await survivors(server(), everything, mutantsOfEverything)).toEqual([
      // The old default could be converted, too, and the new one is set twice.
      'without: ALTER TABLE public.p ALTER COLUMN name DROP DEFAULT',
      "without: ALTER TABLE public.p ALTER COLUMN name SET DEFAULT 'y'::text",
      "without: ALTER TABLE public.p ALTER COLUMN name SET DEFAULT 'y'::text",
      // There is nothing to revoke before the grants.
      'without: REVOKE ALL (id) ON TABLE public.q FROM mutant_reader',
      'without: REVOKE ALL (s) ON TABLE public.q FROM mutant_reader',
      'without: REVOKE ALL ON TABLE public.v FROM mutant_reader',
      'without: REVOKE SELECT ON TABLE public.v FROM mutant_reader',
    ])
  })

  it('refuses a change that moves rows which was broken', async () => {
    // The old index is gone with its table before the new one is made.
    const equivalent = ['without: ALTER INDEX public.e_n RENAME TO e_n_replaced']
    expect(await survivors(server(), moved, mutantsOfMoved)).toEqual(equivalent)
  })
})
