import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {contextOf} from '../migrations/support/plan.js'
import {query, urlOf} from '../support/databases.js'
import {converted, mutantsOfConverted, mutantsOfOnline, online} from './support/mutants.js'
import {survivors} from './support/survivors.js'

const role = 'mutant_reader'
beforeAll(() => query('postgres', `create role ${role}`))
afterAll(() => query('postgres', `drop role ${role}`))

const server = () => contextOf(urlOf('postgres'))

describe('the proof', () => {
  it('refuses a change with online steps that was broken', async () => {
    // Only that the table is not read while it is locked depends on this check.
    const equivalent = ['without: ALTER TABLE public.o VALIDATE CONSTRAINT a_is_set']
    expect(await survivors(server(), online, mutantsOfOnline)).toEqual(equivalent)
  })

  // A conversion may be any expression, so what it should give is not known.
  it('only counts the values of a column that gets another type', async () => {
    expect(await survivors(server(), converted, mutantsOfConverted)).toEqual(['other values'])
  })
})
