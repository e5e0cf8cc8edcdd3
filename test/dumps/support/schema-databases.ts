import type {Client} from 'pg'
import type {OperationContext} from '../../../src/lib/access/context.js'
import {readSchema, type SchemaOptions} from '../../../src/lib/dumps/schema-dump.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {connected} from '../../support/databases.js'
import {everyKindOf} from './every-kind.js'
import {pairRole, pairs} from './schema-pairs.js'

/** A server with its superuser's URL of a database. */
export interface SchemaServer {
  major: number
  url: (database: string) => string
}

/** The schema of a database as schema:dump writes it. */
export async function schemaOf(url: string, options: SchemaOptions = {}): Promise<string> {
  const target = {name: 'test', url: ConnectionUrl.parse(url, 'test')}
  return (await readSchema(options, {target, signal: new AbortController().signal} as OperationContext)).sql
}

/** What of the pairs a server before 15 does not know. */
const from15 = /nulls not distinct|security_invoker/

/** The schemas that are tested: both sides of each pair, each to be loaded in a schema of its own. */
const sides = pairs.flatMap(({name, common, a, b}) =>
  [a, b].map((side, index) => ({schema: `${name} ${'ab'[index]}`, sql: `${common};${side}`})),
)

/**
 * Loads every kind of object, and both sides of all pairs, into a few databases, which takes far less time than a database
 * for each. What is in conflict with the ones before goes into the next database. Returns their names.
 */
export async function makeSchemaDatabases({major, url}: SchemaServer, prefix: string): Promise<string[]> {
  const names: string[] = []
  await withRole(url)
  let left = sides.filter(({sql}) => major >= 15 || !from15.test(sql))
  while (left.length > 0) {
    const name = `${prefix}_${names.length}`
    names.push(name)
    await make(url, name)
    const refused = await connected(url(name), (client) => withoutLoaded(client, left))
    if (refused.length === left.length) throw new Error(`refused: ${left.map(({schema}) => schema).join(', ')}`)
    left = refused
  }

  const every = `${prefix}_every`
  await make(url, every)
  await connected(url(every), (client) => client.query(everyKindOf(major)))
  return [...names, every]
}

async function withRole(url: SchemaServer['url']): Promise<void> {
  await connected(url('postgres'), (client) =>
    client.query(`do $$ begin create role ${pairRole}; exception when duplicate_object then end $$`),
  )
}

async function make(url: SchemaServer['url'], name: string): Promise<void> {
  await connected(url('postgres'), (client) => client.query(`create database "${name}" template template0`))
}

/** Loads what can be loaded, and returns the rest. */
async function withoutLoaded(client: Client, all: typeof sides): Promise<typeof sides> {
  const left: typeof sides = []
  for (const side of all) {
    try {
      await client.query(`begin; create schema "${side.schema}"; set local search_path = "${side.schema}", public`)
      await client.query(`${side.sql}; commit`)
    } catch {
      await client.query('rollback')
      left.push(side)
    }
  }
  return left
}
