import {chmod, mkdir, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

const database = uniqueName()
const env = {CONNECTION_URL: urlOf(database)}
let folder: string

beforeAll(async () => {
  await cli(['create'], {env})
})
afterAll(async () => {
  await cli(['drop', '--force'], {env})
})
beforeEach(() => {
  folder = folderOfTest()
})

describe('schema:load and seed', () => {
  it('take the nearest files between the current folder and the repository, and none from above it', async () => {
    const deeper = join(folder, 'repository', 'a', 'b')
    await mkdir(deeper, {recursive: true})
    await writeSql(folder, {schema: 'create table from_above ();', seed: 'create table from_above ();'})
    await mkdir(join(folder, 'repository', '.git'))
    for (const [command, what] of [
      ['schema:load', 'sql/schema.sql'],
      ['seed', 'sql/seed.sql'],
    ] as const) {
      const none = await cli([command], {env, cwd: deeper})
      expect(none).toMatchObject({exitCode: 3, stdout: ''})
      expect(none.stderr).toContain(`There is no ${what}`)
      for (const place of [deeper, join(folder, 'repository', 'a'), join(folder, 'repository')])
        expect(none.stderr).toContain(place)
      expect(none.stderr).not.toContain(`${folder} `)
      expect(none.stderr).toMatch(/--file.*cruddur-db init/)
    }

    await writeSql(join(folder, 'repository'), {schema: 'create table own ();', seed: 'create table own_seed ();'})
    const own = await cli(['schema', 'load'], {env, cwd: deeper})
    expect(own.exitCode).toBe(0)
    expect(own.stderr).toContain(join(folder, 'repository', 'sql', 'schema.sql'))
    expect(await cli(['seed'], {env, cwd: deeper})).toMatchObject({exitCode: 0})
    expect(
      await query(
        database,
        "select to_regclass('own')::text as own, to_regclass('own_seed')::text as seed, to_regclass('from_above') as above",
      ),
    ).toEqual([{own: 'own', seed: 'own_seed', above: null}])
  })

  it('say how to seed a database again where its rows are there already', async () => {
    await writeSql(folder, {schema: 'create table once (a int primary key);', seed: 'insert into once values (1);'})
    const setup = 'already seeded, rebuild it: cruddur-db setup'
    await cli(['schema:load'], {env, cwd: folder})
    expect(await cli(['seed'], {env, cwd: folder})).toMatchObject({exitCode: 0})
    const again = await cli(['seed'], {env, cwd: folder})
    expect(again).toMatchObject({exitCode: 6, stderr: expect.stringContaining(setup) as string})
    await writeSql(folder, {
      schema: 'create table once (a int primary key);',
      seed: 'insert into once values (1), (1);',
    })
    expect((await cli(['setup'], {env: {CONNECTION_URL: urlOf(uniqueName())}, cwd: folder})).stderr).not.toContain(
      setup,
    )
  })

  it('find nothing outside of a repository but in the current folder, and connect to nothing', async () => {
    await mkdir(join(folder, 'below'))
    await writeSql(folder, {schema: 'create table t ();'})
    const {error} = json(await cli(['schema:load', '--json'], {env, cwd: join(folder, 'below')}))
    expect(error).toMatchObject({
      code: 'schema_file_missing',
      exit_code: 3,
      details: {folders: [join(folder, 'below')]},
    })
    expect(json(await cli(['seed', '--json'], {env, cwd: folder})).error).toMatchObject({
      code: 'seed_file_missing',
      details: {folders: [folder]},
    })
  })

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a link that leads nowhere',
      () => mkdir(join(folder, 'sql')).then(() => symlink('nowhere', join(folder, 'sql', 'schema.sql'))),
      'file_missing',
    ],
    ['a folder', () => mkdir(join(folder, 'sql', 'schema.sql'), {recursive: true}), 'file_is_folder'],
    ['in a file called sql', () => writeFile(join(folder, 'sql'), 'select 1;'), 'schema_file_missing'],
  ])('say so when sql/schema.sql is %s', async (_, make, code) => {
    await make()
    expect(json(await cli(['schema:load', '--json'], {env, cwd: folder})).error).toMatchObject({code, exit_code: 3})
  })

  it('hold the tables that the application needs', async () => {
    await cli(['schema:load'], {env})
    const columns = await query<{table_name: string; names: string}>(
      database,
      `select table_name, string_agg(column_name, ' ' order by ordinal_position) as names from information_schema.columns
       where table_name in ('users', 'activities') group by 1 order by 1`,
    )
    expect(columns).toEqual([
      {
        table_name: 'activities',
        names:
          'uuid user_uuid message replies_count reposts_count likes_count reply_to_activity_uuid expires_at created_at',
      },
      {table_name: 'users', names: 'uuid display_name handle email cognito_user_id created_at'},
    ])
  })

  it('show file, line, column and a caret, and leave nothing behind', async () => {
    await query(database, 'drop table if exists first')
    await writeFile(
      join(folder, 'bad.sql'),
      "create table first ();\ninsert into first default values; -- 'é' 👍\n\tcreat table second ();\n",
    )
    const result = await cli(['schema:load', '--file', 'bad.sql'], {env, cwd: folder})
    expect(result.exitCode).toBe(6)
    expect(result.stderr).not.toContain('WARNING')
    expect(result.stderr).toContain('syntax error at or near "creat" (SQLSTATE 42601)')
    expect(result.stderr).toContain('bad.sql:3:2')
    expect(result.stderr).toContain('3 | \tcreat table second ();')
    expect(result.stderr.split('\n').some((line) => /^ +\t\^$/.test(line))).toBe(true)
    expect(await query(database, "select to_regclass('first') as first")).toEqual([{first: null}])
    const {error} = json(await cli(['schema:load', '--file', 'bad.sql', '--json'], {env, cwd: folder}))
    expect(error).toMatchObject({code: '42601', exit_code: 6, details: {place: {file: 'bad.sql', line: 3, column: 2}}})
  })

  it.each([
    ['is missing', 'nowhere.sql', undefined, 'does not exist'],
    ['is empty', 'empty.sql', ' \n', 'is empty'],
    ['is not UTF-8', 'latin1.sql', Buffer.from("-- fine\nselect '\xe9';", 'latin1'), 'latin1.sql:2:9'],
  ])('say so when the file %s', async (_, name, content, problem) => {
    if (content !== undefined) await writeFile(join(folder, name), content)
    const result = await cli(['schema:load', '--file', name], {env, cwd: folder})
    expect(result.exitCode).toBe(3)
    expect(result.stderr).toContain(problem)
    expect(result.stderr).not.toMatch(/\bat .*\.js:\d+/)
  })

  it('say so when the file is a folder or unreadable', async () => {
    const asFolder = await cli(['schema:load', '--file', '.'], {env, cwd: folder})
    expect(asFolder).toMatchObject({exitCode: 3})
    expect(asFolder.stderr).toContain('is a folder')
    const path = join(folder, 'closed.sql')
    await writeFile(path, 'select 1')
    await chmod(path, 0)
    const closed = await cli(['seed', '--file', path], {env})
    // root reads everything
    if (process.getuid?.() === 0) expect(closed.exitCode).toBe(0)
    else expect(closed).toMatchObject({exitCode: 3, stderr: expect.stringContaining('cannot be read') as string})
  })

  it('say that the database is missing, and how to create it', async () => {
    const result = await cli(['seed'], {env: {CONNECTION_URL: urlOf(uniqueName())}})
    expect(result.exitCode).toBe(5)
    expect(result.stderr).toContain('does not exist')
    expect(result.stderr).toContain('cruddur-db create')
  })
})
