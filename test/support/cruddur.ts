import {readFile} from 'node:fs/promises'
import {afterAll, beforeAll} from 'vitest'
import {type Activity, createActivity} from '../../src/lib/app/activities.js'
import {Db, type DbOptions} from '../../src/lib/app/db.js'
import {query, uniqueName, urlOf, withConnection} from './databases.js'

/** A Cruddur database for one test file, with its tables and the users ada, bjorn and chiara. */
export interface Cruddur {
  database: string
  url: string
  /** A Db that is closed at the end of the file. */
  open(options?: DbOptions): Db
  run<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>
  /** Moves an activity's times by so many hours. */
  shift: (uuid: string, hours: number) => Promise<object[]>
  /** Ends every other session on the database. */
  endSessions(): Promise<void>
}

const users = `insert into users (display_name, handle, email, cognito_user_id) values
  ('Ada Okafor', 'ada', 'ada@example.com', 'sub-ada'),
  ('Björn Larsen', 'bjorn', 'bjorn@example.com', 'sub-bjorn'),
  ('Chiara Ricci', 'Chiara', 'chiara@example.com', 'sub-chiara')`

/** Creates the database before the tests of the file and drops it after them. */
export function cruddur(): Cruddur {
  const database = uniqueName('app')
  const opened: Db[] = []
  beforeAll(async () => {
    await query('postgres', `create database ${database}`)
    const schema = await readFile(new URL('../../sql/schema.sql', import.meta.url), 'utf8')
    await withConnection(database, async (client) => {
      await client.query(schema)
      await client.query(users)
    })
  })
  afterAll(async () => {
    await Promise.all(opened.map((db) => db.close()))
    await query('postgres', `drop database ${database} with (force)`)
  })
  const run = <Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> => query<Row>(database, sql, values)
  return {
    database,
    url: urlOf(database),
    run,
    open(options) {
      const db = new Db(urlOf(database), options)
      opened.push(db)
      return db
    },
    shift(uuid, hours) {
      const later = (column: string): string => `${column} = ${column} + $2 * interval '1 hour'`
      const moved = `update activities set ${later('created_at')}, ${later('expires_at')} where uuid = $1`
      return run(moved, [uuid, hours])
    },
    async endSessions() {
      await run(
        'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
        [database],
      )
    },
  }
}

/** Posts as a user, for a week. */
export function postTo(db: Db, message = 'Hello', handle = 'ada'): Promise<Activity> {
  return createActivity(db, {handle, message, ttl: '7-days'})
}

/** Returns the error of a rejected promise, so that a test can check its code. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{code?: string; message?: string; codes?: readonly string[]; details?: Record<string, unknown>}> {
  return work.then(
    () => ({code: 'nothing failed'}),
    (error: unknown) => error as {code: string},
  )
}
