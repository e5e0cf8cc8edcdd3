import {execa} from 'execa'
import type {OperationContext} from '../../../src/lib/access/context.js'
import {describeObject, differingObjects} from '../../../src/lib/dumps/compare.js'
import {readSchema} from '../../../src/lib/dumps/schema-dump.js'
import {withClient} from '../../../src/lib/postgres/connect/client.js'
import {readRows, type RowsByTable} from '../../../src/lib/schema-change/rows/read-rows.js'
import {sequencesBehind} from '../../../src/lib/schema-change/rows/sequences.js'
import {ConnectionUrl} from '../../../src/lib/targets/connection-url.js'
import {contextOf} from '../../migrations/support/plan.js'
import {ask, uniqueName} from '../../support/databases.js'
import {Migrations} from '../../support/migrations.js'

/** What a database is at a moment. */
export interface Moment {
  /** Its schema, by our pg_dump, and by the installed one where that reads the server. */
  schemas: readonly string[]
  rows: RowsByTable
  /** Columns whose sequences would give a value again. */
  behind: readonly string[]
}

/** Runs `use` with a database that the first migration of a folder has made. */
export async function withFirst<T>(
  server: string,
  {folder, first, data}: {folder: string; first: string; data: string},
  use: (database: Migrations, url: string) => Promise<T>,
): Promise<T> {
  return withMade(server, '', async (url, name) => {
    const migrations = new Migrations(name, folder, url)
    const {error} = await migrations.apply({to: first})
    if (error !== undefined) throw new Error(`The first schema: ${error.message}`)
    await ask(url, data)
    return use(migrations, url)
  })
}

/** Runs `use` with a new database in which some SQL has run. */
export async function withMade<T>(
  server: string,
  sql: string,
  use: (url: string, name: string) => Promise<T>,
): Promise<T> {
  const name = uniqueName('pair')
  const url = ConnectionUrl.parse(server, 'server').withDatabase(name).toStringWithPassword()
  await ask(server, `create database ${name}`)
  try {
    if (sql !== '') await ask(url, sql)
    return await use(url, name)
  } finally {
    await ask(server, `drop database ${name} with (force)`)
  }
}

/** Reads all of a database that matters here. */
export async function momentOf(url: string, pgDump: string | undefined): Promise<Moment> {
  const context = contextOf(url)
  const {sql} = await readSchema({owners: true}, context)
  const installed = pgDump === undefined ? [] : [await dumpBy(pgDump, url)]
  return {schemas: [sql, ...installed], ...(await contentOf(context))}
}

function contentOf({target, signal}: OperationContext): Promise<Pick<Moment, 'rows' | 'behind'>> {
  return withClient(target.url, {signal}, async (client) => ({
    rows: withoutRecords(await readRows(client)),
    behind: (await sequencesBehind(client)).map(({tableSql, columnSql}) => `${tableSql}.${columnSql}`),
  }))
}

/** Without the table of migrations, which is no part of the schema. */
function withoutRecords(rows: RowsByTable): RowsByTable {
  return new Map([...rows].filter(([key]) => !key.endsWith(',"schema_migrations"]')))
}

/** The key of psql's restricted mode is another one each time. */
async function dumpBy(pgDump: string, url: string): Promise<string> {
  const {stdout} = await execa(pgDump, ['--schema-only', '--dbname', url])
  return stdout.replaceAll(/^\\(?:un)?restrict .*$/gm, '')
}

/** Objects that are not the same at two moments, by any of their texts. */
export function differences(one: Moment, other: Moment): string[] {
  const objects = one.schemas.flatMap((sql, at) =>
    differingObjects(sql, other.schemas[at] ?? '').flatMap((pair) => {
      const object = pair.one ?? pair.other
      const change = pair.one === undefined ? 'missing' : pair.other === undefined ? 'left over' : 'differs'
      return object === undefined ? [] : [`${describeObject(object)} ${change}`]
    }),
  )
  return [...new Set(objects)]
}
