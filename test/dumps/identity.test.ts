import {readFile, writeFile} from 'node:fs/promises'
import {afterAll, beforeAll, expect, inject, it} from 'vitest'
import {connected, query, uniqueName, urlOf} from '../support/databases.js'
import {everyKind} from './support/every-kind.js'
import {makeSchemaDatabases, schemaOf} from './support/schema-databases.js'

const prefix = uniqueName('kinds')
const [copy, alike] = [uniqueName('copy'), uniqueName('alike')]
const recorded = new URL('../fixtures/every-kind.sql', import.meta.url)
let names: string[] = []

beforeAll(async () => {
  const [row] = await query<{major: number}>(
    'postgres',
    "select current_setting('server_version_num')::int / 10000 as major",
  )
  names = await makeSchemaDatabases({major: row?.major ?? 0, url: urlOf}, prefix)
})
afterAll(async () => {
  for (const name of [...names, copy, alike]) await query('postgres', `drop database if exists "${name}" with (force)`)
})

it('what is dumped, loaded and dumped again is the same text, for every kind of object', async () => {
  for (const name of names) {
    for (const owners of [false, true]) {
      await query('postgres', `create database "${copy}" template template0`)
      const text = await schemaOf(urlOf(name), {owners})
      await connected(urlOf(copy), (client) => client.query(text))
      expect(await schemaOf(urlOf(copy), {owners}), name).toBe(text)
      await query('postgres', `drop database "${copy}" with (force)`)
    }
  }
})

it('is the same text on every version of Postgres', async () => {
  await query('postgres', `create database "${alike}" template template0`)
  await connected(urlOf(alike), (client) => client.query(everyKind))
  const text = await schemaOf(urlOf(alike))
  if (process.env['RECORD'] === '1' && inject('serverMajor') === '') await writeFile(recorded, text)
  expect(text).toBe(await readFile(recorded, 'utf8'))
})
