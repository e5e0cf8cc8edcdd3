import {randomBytes} from 'node:crypto'
import {Client} from 'pg'
import {inject} from 'vitest'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'

/** A unique database name: test files run in parallel on one server. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`
}

/** The URL of a database on the server of this run, with the password. */
export function urlOf(database: string): string {
  return ConnectionUrl.parse(inject('serverUrl'), 'serverUrl').withDatabase(database).toStringWithPassword()
}

/** Runs one statement on a database of the server and returns its rows. */
export async function query<Row extends object>(database: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  return withConnection(database, async (client) => (await client.query<Row>(sql, values)).rows)
}

/** Keeps a connection open while `use` runs. */
export async function withConnection<T>(database: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({connectionString: urlOf(database)})
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Whether the server has a database with this name. */
export async function databaseExists(name: string): Promise<boolean> {
  return (await query('postgres', 'select 1 from pg_database where datname = $1', [name])).length > 0
}
