import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cp, mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {cli, type CliResult, json} from '../support/cli.js'
import {uniqueName, urlOf} from '../support/databases.js'
import {Migrations, steps, up, version} from '../support/migrations.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
const its = new Migrations(uniqueName('migrated'), folder)
const words = `${its.database}@127.0.0.1`
const env = {CONNECTION_URL: urlOf(its.database), PROD_CONNECTION_URL: urlOf(its.database)}
const run = (...args: string[]): Promise<CliResult> => cli(args, {env, cwd: folder})
const file = (n: number): string => `sql/migrations/${version(n)}_m${n}.sql`

beforeAll(() => mkdir(join(folder, 'sql')))
beforeEach(() => its.empty())
afterAll(() => its.drop())

const three = {
  1: up('create table a (n int); insert into a values (1), (2);', 'drop table a;'),
  2: up("do $$ begin raise warning 'careful'; raise notice 'noted'; end $$; create table b ();", 'drop table b;'),
  3: up('create table c ();', 'drop table c;'),
}

describe('migrate', () => {
  it('says what it has applied, one line each, and that nothing is left', async () => {
    await its.write(three)
    const first = await run('migrate', '--to', version(2))
    expect(first.exitCode).toBe(0)
    expect(first.stdout).toMatch(
      new RegExp(
        `^Applied ${file(1)}: 2 statements, 2 rows in \\d+ ms\\.\nApplied ${file(2)}: 2 statements in \\d+ ms\\.\nApplied 2 migrations to ${its.database}\\. 1 migration pending\\.$`,
      ),
    )
    expect(first.stderr).toContain('careful')
    expect(first.stderr).not.toContain('noted')
    // As in a project of dbmate.
    await cp(join(folder, 'sql', 'migrations'), join(folder, 'db', 'migrations'), {recursive: true})
    const {result} = json(await run('migrate', '--dir', 'db/migrations', '--json'))
    expect(result).toMatchObject({
      folder: 'db/migrations',
      applied: [{version: version(3), file: `db/migrations/${version(3)}_m3.sql`, statements: 1, rows: 0}],
      ...{pending: [], edited: [], plan: null, dryRun: false},
    })
    expect(await run('migrate')).toMatchObject({exitCode: 0, stdout: `Nothing to apply to ${its.database}.`})
    await its.write({...three, 3: up('create table c (edited int);'), 4: up('create table d ();')})
    const last = await run('migrate')
    expect(last.exitCode).toBe(0)
    expect(last.stderr).toContain(`${file(3)} was changed after it was applied.`)
  })

  it('keeps what came before a failure, in its document and for people', async () => {
    await its.write({...three, 2: up('create table b ();\nselect nothing;')})
    const {error} = json(await run('migrate', '--json'))
    expect(error).toMatchObject({
      code: '42703',
      exit_code: 6,
      next: [`Applied before, and kept: ${file(1)}`, 'Nothing else was changed.'],
      details: {place: {file: file(2), line: 3, column: 8}, applied: [{file: file(1)}]},
    })
    const again = await run('migrate')
    expect(again).toMatchObject({exitCode: 6, stdout: ''})
    expect(again.stderr).toContain(`  ${file(2)}:3:8\n`)
    await its.write({...three, 2: steps('create table b ();\nselect nothing;')})
    expect(await run('migrate')).toMatchObject({exitCode: 6})
    const half = await run('migrate:status', '--check')
    expect(half).toMatchObject({exitCode: 9})
    expect(half.stdout).toMatch(new RegExp(`^${version(2)} +half done: 1 statement `, 'm'))
    expect(await run('migrate:down')).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(
        /is half done\. Nothing was changed\.\n.*\n {2}To go on: cruddur-db migrate$/,
      ) as string,
    })
  })

  it('says what is to be done where something is missing', async () => {
    await its.write(three)
    const gone = {CONNECTION_URL: urlOf(uniqueName('gone'))}
    for (const command of ['migrate', 'migrate:status', 'migrate:down'])
      expect(await cli([command], {env: gone, cwd: folder})).toMatchObject({
        exitCode: 5,
        stdout: '',
        stderr: expect.stringMatching(/does not exist\.[^]*cruddur-db (setup|create)/) as string,
      })
    expect(await cli(['migrate'], {env, cwd: join(folder, 'sql')})).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('To write the first migration: cruddur-db migrate:new') as string,
    })
    expect(await run('migrate', '--to', '3')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('To list the versions: cruddur-db migrate:status') as string,
    })
    expect(await run('migrate', '--lock-timeout', 'never')).toMatchObject({exitCode: 2})
  })
})

describe('on a protected target', () => {
  it('migrate and migrate:down need the words, and nothing is asked where nothing is to be done', async () => {
    await its.write(three)
    const refused = await run('migrate', 'prod')
    expect(refused.exitCode).toBe(7)
    expect(refused.stdout).toMatch(/3 migrations, \d+ statements: no findings\. /)
    expect(refused.stderr).toContain(`This applies 3 migrations to ${its.database} (`)
    expect(refused.stderr).toContain(`--confirm ${words}`)
    const dry = await run('migrate', 'prod', '--dry-run')
    expect(dry.exitCode).toBe(0)
    expect(dry.stdout).toBe(`${refused.stdout}\n3 migrations pending for ${its.database}. Nothing was changed.`)
    expect(await run('migrate:status', 'prod')).toMatchObject({exitCode: 0})
    expect(await its.ask("select to_regclass('a') as a, to_regclass('schema_migrations') as t")).toEqual([
      {a: null, t: null},
    ])
    expect(await run('migrate', 'prod', '--confirm', words)).toMatchObject({exitCode: 0})
    expect(await run('migrate', 'prod')).toMatchObject({exitCode: 0, stdout: `Nothing to apply to ${its.database}.`})

    await its.ask('analyze a')
    const down = await run('migrate:down', 'prod', '3')
    expect(down).toMatchObject({exitCode: 7, stdout: ''})
    expect(down.stderr).toContain(`This undoes 3 migrations in ${its.database} (`)
    expect(down.stderr).toContain('Lost: a (about 2 rows). There is no undo.')
    expect(json(await run('migrate:down', 'prod', '--json')).error).toMatchObject({code: 'not_confirmed', exit_code: 7})
    expect(await its.recorded()).toHaveLength(3)
    expect(await run('migrate:down', 'prod', '3', '--confirm', words)).toMatchObject({exitCode: 0})
    expect(await run('migrate:down', 'prod')).toMatchObject({
      exitCode: 0,
      stdout: `Nothing to undo in ${its.database}.`,
    })
  })
})

describe('migrate:status and migrate:down', () => {
  it('show what is there, what differs, and what is lost', async () => {
    await its.write(three)
    expect(await run('migrate:status')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^VERSION +STATE +[^]*pending[^]*: 3 pending\.$/) as string,
    })
    await run('migrate')
    expect(await run('migrate:status', '--check')).toMatchObject({exitCode: 0})
    await its.write({1: up('create table a (n bigint); insert into a values (1), (2);', 'drop table a;'), 2: three[2]})
    const {exitCode, stdout, stderr} = await run('migrate:status', '--check')
    expect(exitCode).toBe(9)
    expect(stdout).toMatch(new RegExp(`^${version(1)} +edited +20.* UTC +postgres +\\d+ ms +m1$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^${version(3)} +applied, no file here `, 'm'))
    expect(stdout).toContain(`${file(1)} was changed after it was applied:\n  - create table a (n int);`)
    expect(stderr).toContain(`Error: ${its.database}: 1 edited, 1 applied, 1 missing.`)
    expect(json(await run('migrate:status', '--json')).result).toMatchObject({
      table: 'public.schema_migrations',
      migrations: [{state: 'edited'}, {state: 'applied'}, {state: 'missing'}],
      invalidIndexes: [],
    })
    await its.ask('analyze a')
    const down = await run('migrate:down', '3')
    expect(down).toMatchObject({exitCode: 0})
    expect(down.stdout).toMatch(/^Undone sql\/migrations\/\d+_m3\.sql in \d+ ms\.\nUndone .*\nUndone .*$/)
    expect(down.stderr).toContain('This loses a (about 2 rows).')
    await its.write(three)
    await run('migrate')
    expect(json(await run('migrate:down', '--to', version(1), '--json')).result).toMatchObject({
      undone: [{version: version(3)}, {version: version(2)}],
      lost: [],
    })
    expect(await run('migrate:down', '0')).toMatchObject({exitCode: 2})
  })
})

it('a migration is no file for schema:load and seed', async () => {
  await its.write(three)
  await writeFile(join(folder, 'sql', 'schema.sql'), three[1])
  expect(await run('schema:load')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('holds both directions of a migration') as string,
  })
  expect(await run('seed', '--file', file(1))).toMatchObject({exitCode: 3})
})
