import {mkdir, readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type CliResult, cli, json} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const database = uniqueName('restored')
const folder = temporaryFolder()

beforeAll(async () => {
  await query('postgres', `create database "${database}"`)
  await query(database, 'create table old as select 1 as a')
})
afterAll(async () => {
  const made = await query<{name: string}>(
    'postgres',
    'select datname as name from pg_database where datname like $1',
    [`${database}%`],
  )
  for (const {name} of made) await query('postgres', `drop database if exists "${name}" with (force)`)
})

const restore = (file: string, ...flags: string[]): Promise<CliResult> =>
  cli(['restore', '--file', file, ...flags], {env: {CONNECTION_URL: urlOf(database)}, cwd: folder})
const head = '--\n-- PostgreSQL database dump\n--\n\n'
const closing = '\n--\n-- PostgreSQL database dump complete\n--\n\n'
const isOld = async (): Promise<boolean> =>
  (await query(database, "select from pg_tables where tablename = 'old'")).length === 1

describe('restore', () => {
  it('replaces the database, and keeps the old one for undo', async () => {
    const dumped = `${head}\\restrict k3y\n\nCREATE TABLE new (a int);\nCOPY new (a) FROM stdin;\n1\n\\.\n${closing}\\unrestrict k3y\n\n`
    await writeFile(join(folder, 'new.sql'), dumped)
    const restored = await restore('new.sql', '--json')
    expect(json(restored).result).toMatchObject({database, kept: true})
    expect(await query(database, 'select a from new')).toEqual([{a: 1}])
    expect(await cli(['undo', '--force'], {env: {CONNECTION_URL: urlOf(database)}})).toMatchObject({exitCode: 0})
    expect(await isOld()).toBe(true)
  })

  it.each([
    ['cut.sql', Buffer.from(`${head}CREATE TABLE new ();\n`), 'dump_incomplete', 3],
    ['cut.sql.gz', gzipSync(`${head}CREATE TABLE new ();\n`), 'dump_incomplete', 3],
    ['cut-gzip.sql.gz', gzipSync(`${head}CREATE TABLE new ();\n${closing}`).subarray(0, -12), 'file_truncated', 3],
    ['custom.dump', Buffer.from('PGDMP\x01\x0e'), 'dump_not_sql', 3],
    ['archive.tar', Buffer.from(`${'toc.dat'.padEnd(257, '\0')}ustar`), 'dump_not_sql', 3],
    ['program.sql', Buffer.from(`${head}\\! touch touched\n${closing}`), 'script_psql_command', 6],
    ['include.sql', Buffer.from(`\\i /etc/hostname\n`), 'script_psql_command', 6],
    ['copy.sql', Buffer.from(`\\copy old from '/etc/hostname'\n`), 'script_psql_command', 6],
    ['folder.sql', Buffer.from('\\cd /\n'), 'script_psql_command', 6],
  ])('refuses %s, and changes nothing', async (file, bytes, code, exitCode) => {
    await writeFile(join(folder, file), bytes)
    const refused = await restore(file, '--json')
    expect(json(refused).error).toMatchObject({code, exit_code: exitCode})
    expect(await isOld()).toBe(true)
    expect(await readdir(folder)).not.toContain('touched')
    const unfinished = await query('postgres', 'select from pg_database where datname like $1 and datname like $2', [
      `${database}%`,
      '%building%',
    ])
    expect(unfinished).toEqual([])
  })

  it('names pg_restore for the other formats of pg_dump', async () => {
    await mkdir(join(folder, 'directory'), {recursive: true})
    await writeFile(join(folder, 'directory', 'toc.dat'), '')
    const refused = json(await restore('directory', '--json')).error
    expect(refused).toMatchObject({code: 'dump_not_sql', details: {format: 'directory'}})
    expect(refused?.next).toEqual([expect.stringContaining('pg_restore -f dump.sql ')])
  })

  it.each([
    ['ALTER SCHEMA public OWNER TO no_such_role;', /^42704$/, /--no-owner/],
    ['GRANT SELECT ON pg_class TO no_such_role;', /^42704$/, /--no-privileges/],
    // The second one is that of servers before 15.
    ['CREATE EXTENSION IF NOT EXISTS no_such_extension;', /^(0A000|58P01)$/, /Install the extension/],
  ])('says what is missing for %s', async (statement, code, advice) => {
    await writeFile(join(folder, 'missing.sql'), `${head}${statement}\n${closing}`)
    const {error} = json(await restore('missing.sql', '--json'))
    expect(error?.code).toMatch(code)
    expect(error).toMatchObject({exit_code: 6, details: {place: {file: 'missing.sql', line: 5}}})
    expect(error?.next.join('\n')).toMatch(advice)
    expect(await isOld()).toBe(true)
  })

  it('asks for confirmation on a protected target', async () => {
    await writeFile(join(folder, 'small.sql'), 'select 1;')
    const refused = await cli(['restore', 'prod', '--file', 'small.sql', '--json'], {
      env: {PROD_CONNECTION_URL: urlOf(database)},
      cwd: folder,
    })
    expect(json(refused).error).toMatchObject({exit_code: 7})
    expect(await isOld()).toBe(true)
  })
})

describe('a file with both directions of a migration', () => {
  it.each([
    ['dbmate', '-- migrate:up\ncreate table made ();\n-- migrate:down transaction:false\ndrop table made;\n', 3],
    ['goose', '-- +goose Up\ncreate table made ();\n\n-- +goose Down\ndrop table made;\n', 4],
    ['sql-migrate', '-- +migrate Up\ncreate table made ();\n-- +migrate Down\ndrop table made;\n', 3],
    ['node-pg-migrate', '-- Up Migration\ncreate table made ();\n-- Down Migration\ndrop table made;\n', 3],
    ['tern', 'create table made ();\n---- create above / drop below ----\ndrop table made;\n', 2],
    ['MyBatis Migrations', 'create table made ();\n-- //@UNDO\ndrop table made;\n', 2],
    ['Play evolutions', '-- !Ups\ncreate table made ();\n-- !Downs\ndrop table made;\n', 3],
    ['shmig', '-- ==== UP ====\ncreate table made ();\n-- ==== DOWN ====\ndrop table made;\n', 3],
  ])('of %s is refused', async (program, text, line) => {
    await writeFile(join(folder, 'both.sql'), text)
    for (const command of ['schema:load', 'seed', 'setup']) {
      const refused = await cli([command, '--file', 'both.sql', '--json'], {
        env: {CONNECTION_URL: urlOf(database)},
        cwd: folder,
      })
      expect(json(refused).error).toMatchObject({
        code: 'migration_both_directions',
        exit_code: 3,
        details: {line, program},
      })
    }
  })

  it.each([
    ['has no statement on the way back', '-- migrate:up\nselect 1;\n-- migrate:down\n'],
    ['has the marker in a text', "select $$\n-- migrate:down\n$$, '\n-- +goose Down\n';\nselect 2;\n"],
  ])('is none if it %s', async (_what, text) => {
    await writeFile(join(folder, 'one.sql'), text)
    const loaded = await cli(['schema:load', '--file', 'one.sql'], {
      env: {CONNECTION_URL: urlOf(database)},
      cwd: folder,
    })
    expect(loaded).toMatchObject({exitCode: 0})
  })
})
