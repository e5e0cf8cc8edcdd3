import {afterAll, beforeAll, expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {startProxy} from '../support/proxy.js'
import {folderOfTest} from '../support/temporary-folder.js'

const [few, many, into] = [uniqueName('few'), uniqueName('many'), uniqueName('into')]
beforeAll(async () => {
  for (const [name, tables] of [
    [few, 2],
    [many, 9],
  ] as const) {
    await query('postgres', `create database ${name}`)
    for (let n = 0; n < tables; n++)
      await query(
        name,
        `create table t${n} (id int primary key, at date); insert into t${n} values (${n}); create index on t${n} (at)`,
      )
  }
})
afterAll(async () => {
  for (const name of [few, many, into]) await query('postgres', `drop database if exists ${name} with (force)`)
})

const pull = ['pull', 'prod', '--all', '--no-undo']

/** How often a command waits for an answer of the database. */
async function roundTrips(name: string, args: readonly string[]): Promise<number> {
  const server = new URL(urlOf(name))
  const proxy = await startProxy(Number(server.port))
  server.port = String(proxy.port)
  const prod = server.href
  try {
    const env = {CONNECTION_URL: urlOf(into), PROD_CONNECTION_URL: prod}
    expect(await cli([...args], {env, cwd: folderOfTest()})).toMatchObject({exitCode: 0})
    return proxy.roundTrips
  } finally {
    await proxy.close()
  }
}

// pg_dump asks about sixty questions, and one or two more for each table whose rows it reads.
it.each([
  [26, ['schema:dump', 'prod']],
  [32, ['dump', 'prod', '--file', 'all.sql']],
  [31, pull],
])('a round trip is not made for each table, nor for each question of pg_dump: %i at most', async (most, args) => {
  const trips = await roundTrips(few, args)
  expect(trips).toBeLessThanOrEqual(most)
  expect(await roundTrips(many, args)).toBe(trips)
})
