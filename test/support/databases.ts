import {randomBytes} from 'node:crypto'
import {setTimeout as delay} from 'node:timers/promises'
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

/** Such a URL for another role, whose password is `pw` unless one is given. */
export function urlAs(role: string, database: string, password = 'pw'): string {
  return Object.assign(new URL(urlOf(database)), {username: role, password}).href
}

/** Runs one statement on a database of the server and returns its rows. */
export async function query<Row extends object>(database: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  if (database === 'postgres') return askMaintenance(sql, values)
  return ask(urlOf(database), sql, values)
}

/** Runs one statement at a URL by a connection of its own. */
export async function ask<Row extends object>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  return connected(url, async (client) => (await client.query<Row>(sql, values)).rows)
}

/** Asks every 20 ms until there are rows, and returns them. */
export async function untilRows<Row extends object>(
  database: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  for (;;) {
    const rows = await query<Row>(database, sql, values)
    if (rows.length > 0) return rows
    await delay(20)
  }
}

/** Holds a connection to a database of the server open while `use` runs. */
export function withConnection<T>(database: string, use: (client: Client) => Promise<T>): Promise<T> {
  return connected(urlOf(database), use)
}

/** Holds a connection open while `use` runs. */
export async function connected<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url)
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

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({connectionString})
  client.on('error', () => {
    if (idle === client) idle = undefined
  })
  await client.connect()
  return client
}

/** Connecting takes longer than most statements: the maintenance database, which no test drops, keeps its last connection. */
let idle: Client | undefined

async function askMaintenance<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
  const client = idle ?? (await connect(urlOf('postgres')))
  idle = undefined
  try {
    const {rows} = await client.query<Row>(sql, values)
    idle ??= client
    return rows
  } finally {
    if (idle !== client) await client.end().catch(() => undefined)
  }
}
