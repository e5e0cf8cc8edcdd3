import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, type CliResult} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

const database = uniqueName('half')
const version = '20260101000001'
let folder: string

beforeEach(async () => {
  folder = folderOfTest()
  await mkdir(join(folder, 'sql', 'migrations'), {recursive: true})
  await query('postgres', `drop database if exists ${database} with (force)`)
  await query('postgres', `create database ${database}`)
  await query(database, 'create table runs (step text)')
})
afterAll(() => query('postgres', `drop database ${database} with (force)`))

const run = (command: string): Promise<CliResult> =>
  cli([command], {env: {CONNECTION_URL: urlOf(database)}, cwd: folder})
/** Writes the migration, which adds a row to runs for each step. */
const write = (options: string, ...steps: string[]): Promise<void> => {
  const inserts = steps.map((step) => (step === 'fails' ? 'select 1 / 0;' : `insert into runs values ('${step}');`))
  const text = `-- migrate:up${options}\n${inserts.join('\n')}\n\n-- migrate:down\ndelete from runs;\n`
  return writeFile(join(folder, 'sql', 'migrations', `${version}_rows.sql`), text)
}
const rows = (): Promise<object[]> => query(database, 'select step from runs order by step')
const recorded = (): Promise<object[]> => query(database, 'select version from schema_migrations')

describe('a migration that is half done', () => {
  it('goes on where it stopped although its file was made a transaction', async () => {
    await write(' transaction:false', 'a', 'fails')
    expect(await run('migrate')).toMatchObject({exitCode: 6})
    await write('', 'a', 'b')
    expect(await run('migrate')).toMatchObject({exitCode: 0})
    expect(await rows()).toEqual([{step: 'a'}, {step: 'b'}])
    expect(await recorded()).toEqual([{version}])
  })

  it('is a transaction then if no statement of it has run', async () => {
    await write(' transaction:false', 'fails')
    expect(await run('migrate')).toMatchObject({exitCode: 6})
    await write('', 'a', 'fails')
    expect(await run('migrate')).toMatchObject({exitCode: 6})
    expect(await rows()).toEqual([])
    await write('', 'a', 'b')
    expect(await run('migrate')).toMatchObject({exitCode: 0})
    expect(await rows()).toEqual([{step: 'a'}, {step: 'b'}])
    expect(await recorded()).toEqual([{version}])
  })

  it('is forgotten when it is undone after another program has finished it', async () => {
    await write(' transaction:false', 'a', 'fails')
    expect(await run('migrate')).toMatchObject({exitCode: 6})
    await query(database, `insert into schema_migrations (version) values ('${version}')`)
    expect((await run('migrate:status')).stdout).toContain('1 applied')
    expect(await run('migrate:down')).toMatchObject({exitCode: 0})
    expect(await recorded()).toEqual([])
  })
})

it('a migration about roles is recorded like any other, and by the role of the session', async () => {
  const name = uniqueName('role')
  await query('postgres', `create role ${name}`)
  try {
    const text = `-- migrate:up\ncreate table users (role text);\nset local role ${name};\n`
    await writeFile(join(folder, 'sql', 'migrations', `${version}_role.sql`), text)
    expect(await run('migrate')).toMatchObject({exitCode: 0})
    expect(await recorded()).toEqual([{version}])
  } finally {
    await query('postgres', `drop role ${name}`)
  }
})
