import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll} from 'vitest'
import {query, uniqueName, urlOf, withConnection} from './databases.js'
import {temporaryFolder} from './temporary-folder.js'

/** A database with two tables, and an environment without psql and less, so that the built-in shell starts. */
export interface ShellFixture {
  database: string
  /** The home folder, which is writable. */
  folder: string
  env: NodeJS.ProcessEnv
}

const tables = `create table users (id int primary key, handle text not null, "Full Name" text);
  create table posts (id int, user_id int references users);
  insert into users values (1, 'ada', 'Ada Okafor'), (2, 'bjorn', null)`

/** Creates them before the tests of the file and removes them afterwards; `local` and `prod` are the same database. */
export function shellFixture(): ShellFixture {
  const database = uniqueName('shell')
  const folder = temporaryFolder()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  beforeAll(async () => {
    await query('postgres', `create database ${database}`)
    await withConnection(database, (client) => client.query(tables))
  })
  afterAll(() => query('postgres', `drop database ${database} with (force)`))
  const env = {PATH: bin, HOME: folder, CONNECTION_URL: urlOf(database), PROD_CONNECTION_URL: urlOf(database)}
  return {database, folder, env}
}
