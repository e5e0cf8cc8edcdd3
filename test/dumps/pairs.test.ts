import {afterAll, expect, it} from 'vitest'
import {compareSchemas, type SchemaDifference} from '../../src/lib/dumps/compare.js'
import {connected, query, uniqueName, urlOf} from '../support/databases.js'
import {schemaOf} from './support/schema-databases.js'
import {pairRole, pairs, type SchemaPair} from './support/schema-pairs.js'

const made: string[] = []
afterAll(async () => {
  for (const name of made) await query('postgres', `drop database "${name}" with (force)`)
})

async function make(): Promise<string> {
  const name = uniqueName('pairs')
  made.push(name)
  await query('postgres', `create database "${name}" template template0`)
  return name
}

/** Loads one side of each pair into a schema of its own, whose name is that of the pair. Returns those that were refused. */
async function load(database: string, side: 'a' | 'b', from: readonly SchemaPair[]): Promise<Set<string>> {
  return connected(urlOf(database), async (client) => {
    const refused = new Set<string>()
    for (const pair of from) {
      try {
        await client.query(`begin; create schema "${pair.name}"; set local search_path = "${pair.name}", public`)
        await client.query(`${pair.common}; ${pair[side]}; commit`)
      } catch {
        await client.query('rollback')
        refused.add(pair.name)
      }
    }
    return refused
  })
}

/** One line for each difference: where the object is, and its name, and the lines that are not in both. */
const shown = ({object, in: where, lines}: SchemaDifference): string =>
  [
    `${{a: '-', b: '+', both: '~'}[where]} ${object}`,
    ...(where === 'both'
      ? lines
          .filter((line) => line.in !== 'both')
          .map((line) => `    ${line.in === 'a' ? '-' : '+'} ${line.text.trim()}`)
      : []),
  ].join('\n')

it('says of each pair of schemas exactly what was changed, and nothing of equal ones', async () => {
  await query('postgres', `do $$ begin create role ${pairRole}; exception when duplicate_object then end $$`)
  const found: string[] = []
  for (let left: readonly SchemaPair[] = pairs; left.length > 0;) {
    const [one, other, again] = [await make(), await make(), await make()]
    // A pair that is in conflict with those before goes into the next databases.
    const refused = new Set([...(await load(one, 'a', left)), ...(await load(other, 'b', left))])
    const together = left.filter(({name}) => !refused.has(name))
    expect(together.length, [...refused].join(', ')).toBeGreaterThan(0)
    await load(again, 'a', left)
    for (const name of refused)
      for (const database of [one, other, again]) await query(database, `drop schema if exists "${name}" cascade`)
    const [a, b, same] = [
      await schemaOf(urlOf(one), {owners: true}),
      await schemaOf(urlOf(other), {owners: true}),
      await schemaOf(urlOf(again), {owners: true}),
    ]
    expect(compareSchemas(a, same)).toEqual([])
    found.push(...compareSchemas(a, b).map(shown))
    left = left.filter(({name}) => refused.has(name))
  }
  expect(found.join('\n')).toMatchSnapshot()
})
