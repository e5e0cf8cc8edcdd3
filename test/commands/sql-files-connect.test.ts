import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {cli, type CliResult, json, start} from '../support/cli.js'
import {databaseExists, query, uniqueName, untilRows, urlOf, withConnection} from '../support/databases.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

let folder: string
let [home, other, made] = ['', '', '']

beforeEach(async () => {
  folder = folderOfTest()
  ;[home, other, made] = [uniqueName('home'), uniqueName('other'), uniqueName('made')]
  for (const name of [home, other]) await query('postgres', `create database ${name}`)
})
afterEach(async () => {
  for (const name of [home, other, made]) await query('postgres', `drop database if exists ${name} with (force)`)
})

async function run(command: string, text: string, ...flags: string[]): Promise<CliResult> {
  await writeSql(folder, {schema: text, seed: text})
  const prod = command.endsWith(' prod')
  return cli([...command.split(' '), ...flags], {
    env: prod ? {PROD_CONNECTION_URL: urlOf(home)} : {CONNECTION_URL: urlOf(home)},
    cwd: folder,
  })
}

const load = (text: string, ...flags: string[]): Promise<CliResult> => run('schema:load', text, ...flags)

/** The tables of a database in alphabetical order. */
async function tablesOf(database: string): Promise<string> {
  const rows = await query<{names: string | null}>(
    database,
    "select string_agg(relname, ' ' order by relname) as names from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
  )
  return rows[0]?.names ?? ''
}

describe('\\connect to another database', () => {
  it('runs each part in its own database and transaction, and says so', async () => {
    const result = await load(`
      create table a (id int); set search_path = none;
      \\c ${other}
      create table b (id int); insert into b values (1), (2);
      \\c - - - -
      create table b2 ();
      \\connect -reuse-previous=on "dbname='${home}'"
      create table a2 ();`)
    expect(result).toMatchObject({exitCode: 0})
    expect(result.stdout).toContain(
      `The file changes the database, and each part was committed by itself: 2 statements in ${home}, then 3 statements in ${other}, then 1 statement in ${home}.`,
    )
    expect([await tablesOf(home), await tablesOf(other)]).toEqual(['a a2', 'b b2'])
  })

  it('has the parts in JSON, and sets the variables of psql', async () => {
    const result = await load(`select 1;\n\\c ${other}\nselect 1 / (:'DBNAME' = '${other}')::int;`, '--json')
    expect(json(result).result).toMatchObject({
      database: home,
      transaction: 'own',
      parts: [
        {database: home, statements: 1, rows: 0},
        {database: other, statements: 1, rows: 0},
      ],
    })
  })

  it('keeps an earlier part if a later one fails, and says so', async () => {
    const text = `create table a ();\n\\c ${other}\ncreate table b ();\nselect 1 / 0;`
    const result = await load(text, '--json')
    expect(json(result).error).toMatchObject({
      exit_code: 6,
      code: '22012',
      next: [`Committed before and kept: 1 statement in ${home}. Nothing after that was changed.`],
      details: {committed: [{database: home, statements: 1, rows: 0}], place: {line: 4}},
    })
    expect([await tablesOf(home), await tablesOf(other)]).toEqual(['a', ''])
  })

  it('creates a database and goes on in it', async () => {
    const result = await load(
      `create role ${made}_owner;\ncreate database ${made} owner ${made}_owner;\nalter database ${made} set search_path = app;\n\\c ${made}\ncreate schema app; create table t (id int);`,
    )
    const rows = await query(
      made,
      "select relnamespace::regnamespace::text as schema from pg_class where relname = 't'",
    )
    await query('postgres', `drop database ${made}`)
    await query('postgres', `drop role ${made}_owner`)
    expect(result).toMatchObject({exitCode: 0})
    expect(rows).toEqual([{schema: 'app'}])
  })

  it('creates it only if it is missing, by \\gexec', async () => {
    const text = `select 'create database ${made}' where not exists (select from pg_database where datname = '${made}') \\gexec\n\\c ${made}\ncreate table if not exists t ();`
    expect(await load(text)).toMatchObject({exitCode: 0})
    expect(await load(text)).toMatchObject({exitCode: 0})
    expect(await tablesOf(made)).toBe('t')
  })

  it('says that nothing was changed if the CREATE DATABASE is the first that fails', async () => {
    const result = await load(`create database ${other};\n\\c ${other}\n`, '--json')
    expect(json(result).error).toMatchObject({code: '42P04', next: ['Nothing was changed.']})
  })

  it('runs each statement by itself with --no-transaction', async () => {
    const text = `create database ${made};\n\\c ${made}\ncreate table t ();\nvacuum t;\nselect 1 / 0;`
    const result = await load(text, '--no-transaction')
    expect(result).toMatchObject({exitCode: 6})
    expect(await tablesOf(made)).toBe('t')
  })

  it('passes over settings of a later dump that this server does not have', async () => {
    const dump = '-- PostgreSQL database dump\nset transaction_timeout = 0;\nset not_yet_there = 0;\n'
    expect(await load(`\\c ${other}\n${dump}create table b ();`)).toMatchObject({exitCode: 0})
    const later = await load(`select 1;\n\\c ${other}\n${dump}`)
    expect(later).toMatchObject({exitCode: 6})
    expect(later.stderr).toContain(`Committed before and kept: 1 statement in ${home}.`)
  })

  it('begins each file of a seed in the target', async () => {
    await query(home, 'create table t (id int generated always as identity, n int)')
    await query(other, 'create table t (id int generated always as identity, n int)')
    await mkdir(join(folder, 'sql', 'seed'), {recursive: true})
    await writeFile(
      join(folder, 'sql', 'seed', '1.sql'),
      `insert into t (n) values (1);\n\\c ${other}\ninsert into t (n) values (2), (3);`,
    )
    await writeFile(join(folder, 'sql', 'seed', '2_t.csv'), 'n\n4\n')
    const result = await cli(['seed'], {env: {CONNECTION_URL: urlOf(home)}, cwd: folder})
    expect(result).toMatchObject({exitCode: 0})
    expect(result.stdout).toContain(`public.t in ${other} has 2 rows now`)
    expect(await query(home, 'select n from t order by n')).toEqual([{n: 1}, {n: 4}])
    expect(await query(other, 'select n from t order by n')).toEqual([{n: 2}, {n: 3}])
  })

  it.each([
    [`\\c - nobody_else`, 'another role'],
    [`\\c - - other.example.com`, 'another server'],
    [`\\c - - - 1`, 'another server'],
    [`\\c postgresql://u:secret@h/x`, 'connection parameters'],
    [`\\c "dbname=x password = 'se\\\\'secret'"`, 'connection parameters'],
    [`\\c "dbname=x password=secret"`, 'connection parameters'],
    [`\\c a b c d e`, 'too many arguments'],
    [`\\c -reuse-previous=maybe x`, 'on or off'],
    [`begin;\n\\c postgres`, 'A transaction that the file has begun is open'],
    [`\\c nowhere_to_be_found`, 'does not exist'],
    [`select 1\n\\c postgres`, 'in the middle of a statement'],
  ])('%s is refused, and nothing is changed', async (line, reason) => {
    const result = await load(`create table a ();\n${line}\ncreate table b ();`)
    expect(result.stderr).toContain(reason)
    expect(result.stderr).toContain('Nothing was changed.')
    expect(result.stderr + result.stdout).not.toContain('secret')
    expect([5, 6]).toContain(result.exitCode)
    expect(await tablesOf(home)).toBe('')
  })
})

describe('\\connect is safe', () => {
  const filled = (): Promise<unknown> =>
    withConnection(other, (client) => client.query('create table users (id int); insert into users values (1)'))

  it('is refused on a protected target before anything runs, whether the name is known or not', async () => {
    for (const line of [`\\c ${other}`, `select '${other}' as x \\gset\n\\c :x`]) {
      const result = await run(
        'schema:load prod',
        `create table a ();\n${line}\ncreate table b ();`,
        '--confirm',
        `${home}@127.0.0.1`,
        '--json',
      )
      expect(json(result).error).toMatchObject({
        exit_code: 7,
        code: 'connect_protected',
        details: {place: {file: 'sql/schema.sql'}},
      })
      expect([await tablesOf(home), await tablesOf(other)]).toEqual(['', ''])
    }
  })

  it('is refused into a database that protect has marked', async () => {
    await cli(['protect'], {env: {CONNECTION_URL: urlOf(other)}})
    const result = await load(`create table a ();\n\\c ${other}\ncreate table b ();`, '--force')
    expect(result).toMatchObject({exitCode: 7})
    expect([await tablesOf(home), await tablesOf(other)]).toEqual(['', ''])
  })

  it('asks for tables with rows in the database in which the statement runs', async () => {
    await filled()
    const text = `drop table if exists nothing;\n\\c ${other}\ndrop table users;`
    const result = await load(text, '--json')
    expect(json(result).error).toMatchObject({
      exit_code: 7,
      code: 'not_confirmed',
      details: {tables: [{name: `users in ${other}`, rows: 1}]},
    })
    expect(await tablesOf(other)).toBe('users')
    expect(await load(`drop table if exists users;\n\\c ${other}\ncreate table b ();`)).toMatchObject({exitCode: 0})
    expect(await load(text, '--confirm', `${home}@127.0.0.1`)).toMatchObject({exitCode: 0})
    expect(await tablesOf(other)).toBe('b')
  })

  it('refuses a database with rows whose name only the run knows, and a branch counts for each', async () => {
    await filled()
    const byRun = await load(`create table a ();\nselect '${other}' as x \\gset\n\\c :x\ndrop table users;`)
    expect(byRun).toMatchObject({exitCode: 7})
    expect(byRun.stderr).toContain('hold rows')
    const branch = await load(
      `select false as x \\gset\n\\if :x\n\\c ${home}\n\\else\n\\c ${other}\n\\endif\n\\if :x\n\\c ${home}\n\\endif\ndrop table users;`,
    )
    expect(branch).toMatchObject({exitCode: 7})
    expect(await tablesOf(other)).toBe('users')
  })

  it('asks before another database is dropped', async () => {
    await filled()
    const text = `\\c postgres\ndrop database ${other};`
    expect(await load(text, '--no-transaction')).toMatchObject({exitCode: 7})
    expect(await databaseExists(other)).toBe(true)
    expect(await load(text, '--no-transaction', '--force')).toMatchObject({exitCode: 0})
  })

  it('counts a file that cannot be read twice as if it could drop all, in every database', async () => {
    await filled()
    const result = await run('schema:load', `\\c ${other}\ncreate table b ();\n\\i /dev/stdin\n`)
    expect(result).toMatchObject({exitCode: 7})
    expect(await tablesOf(other)).toBe('users')
  })

  it('does not drop a protected database, in a seed neither', async () => {
    await cli(['protect'], {env: {CONNECTION_URL: urlOf(other)}})
    const result = await run('seed', `\\c postgres\ndrop database ${other};`, '--no-transaction')
    expect(result).toMatchObject({exitCode: 7})
    expect(await databaseExists(other)).toBe(true)
  })

  it('takes a rename as a new name', async () => {
    expect(await load(`alter database ${other} rename to ${made};\n\\c ${made}\ncreate table b ();`)).toMatchObject({
      exitCode: 0,
    })
    expect(await tablesOf(made)).toBe('b')
  })

  it('ends the statement in the other database after Ctrl-C', async () => {
    await writeSql(folder, {schema: `create table a ();\n\\c ${other}\nselect pg_sleep(60);`})
    const running = start(['schema:load'], {env: {CONNECTION_URL: urlOf(home)}, cwd: folder})
    const sleeping = `select 1 from pg_stat_activity where datname = $1 and query like '%pg_sleep(60)%' and state = 'active'`
    await untilRows('postgres', sleeping, [other])
    running.kill('SIGINT')
    expect(await running).toMatchObject({exitCode: 130})
    expect(await query('postgres', sleeping, [other])).toEqual([])
  })

  it('waits for the lock of the other database', async () => {
    const text = `create table a ();\n\\c ${other}\ncreate table b ();`
    await withConnection(other, async (client) => {
      const {rows} = await client.query<{key: number}>(
        `select ('x' || encode(substr(sha256('${other}'), 1, 4), 'hex'))::bit(32)::bigint >> 1 as key`,
      )
      await client.query('select pg_advisory_lock(1668445540, $1::int)', [Number(rows[0]?.key)])
      expect(await load(text)).toMatchObject({exitCode: 5})
    })
    expect([await tablesOf(home), await tablesOf(other)]).toEqual(['', ''])
  })

  it('does not enter a database that setup builds or keeps', async () => {
    const unfinished = `${home}_new_0123abcd`
    await query('postgres', `create database ${unfinished}`)
    const result = await load(`\\c ${unfinished}\ncreate table b ();`)
    await query('postgres', `drop database ${unfinished}`)
    expect(result).toMatchObject({exitCode: 5})
  })

  it('stays in the new database in setup, and cannot leave it', async () => {
    const inside = await run('setup', `create table if not exists a (id int);\n\\c ${home}\ninsert into a values (1);`)
    expect(inside).toMatchObject({exitCode: 0})
    expect(await query(home, 'select id from a')).toEqual([{id: 1}, {id: 1}])
    const outside = await run('setup', `create table b ();\n\\c ${other}\ncreate table c ();`)
    expect(outside).toMatchObject({exitCode: 6})
    expect(outside.stderr).toContain('setup builds only')
    expect(outside.stderr).not.toContain('was removed')
    expect([await tablesOf(home), await tablesOf(other)]).toEqual(['a', ''])
  })

  it('does not copy a cached database for another name', async () => {
    const text = `create table if not exists a (id int);\n\\c ${home}\n`
    expect(await run('setup', text, '--cached')).toMatchObject({exitCode: 0})
    const second = await cli(['setup', '--cached'], {env: {CONNECTION_URL: urlOf(other)}, cwd: folder})
    expect(second).toMatchObject({exitCode: 6})
    expect(second.stderr).toContain('setup builds only')
  })
})
