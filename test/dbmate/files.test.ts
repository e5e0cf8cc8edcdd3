import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Project} from './project.js'

const [first, second] = ['20260101000001', '20260101000002'] as const
const items = `-- migrate:up
create table items (id int);
insert into items select generate_series(1, 10);

-- migrate:down
drop table items;
`
const withFunction = `-- migrate:up
create table items (id int);
insert into items select generate_series(1, 10);
create function one() returns text language plpgsql as $$ begin return ';'; end $$;
comment on table items is '; -- migrate:down';

-- migrate:down
drop function one;
drop table items;
`
const index = (up: string): string => `-- migrate:up transaction:false
${up}

-- migrate:down transaction:false
drop index concurrently items_id;
`
const concurrently = 'create index concurrently items_id on items (id);'
const countRows = 'select count(*)::int as n from items'
const validIndexes =
  "select indexrelid::regclass::text as name from pg_index where indrelid = 'items'::regclass and indisvalid"
const halfDone = "select version from schema_migrations where version like '%(half done)'"

describe('a migration with transaction:false', () => {
  it('that we have applied is undone by dbmate, and the other way round', async () => {
    const project = await Project.make({
      files: {[`${first}_items.sql`]: items, [`${second}_index.sql`]: index(concurrently)},
    })
    await project.ours('migrate')
    expect(await project.query(validIndexes)).toEqual([{name: 'items_id'}])
    await project.dbmate('rollback')
    expect(await project.query(validIndexes)).toEqual([])
    await project.expectStates({[first]: 'applied', [second]: 'pending'})
    await project.dbmate('up')
    expect(await project.query(validIndexes)).toEqual([{name: 'items_id'}])
    await project.ours('migrate:down')
    expect(await project.query(validIndexes)).toEqual([])
    await project.expectStates({[first]: 'applied', [second]: 'pending'})
  })

  it('that is half done is pending for dbmate, and what dbmate has finished is applied for us', async () => {
    const steps = 'insert into items values (11);'
    const project = await Project.make({
      files: {
        [`${first}_items.sql`]: items,
        [`${second}_index.sql`]: index(`${steps}\nselect 1 / 0;\n${concurrently}`),
      },
    })
    expect(await project.tryOurs('migrate')).toMatchObject({exitCode: 6})
    expect(await project.states()).toEqual({
      ours: {[first]: 'applied', [second]: 'half done'},
      dbmate: {[first]: 'applied', [second]: 'pending'},
    })
    // dbmate sends several statements as one, which CONCURRENTLY cannot be in, and begins with the first one.
    await project.write(`${second}_index.sql`, index('create index items_id on items (id);'))
    await project.dbmate('up')
    await project.expectStates({[first]: 'applied', [second]: 'applied'})
    expect((await project.ours('migrate')).stdout).toContain('Nothing to apply')
    await project.ours('migrate:down')
    expect(await project.query(halfDone)).toEqual([])
    await project.expectStates({[first]: 'applied', [second]: 'pending'})
    await project.write(`${second}_index.sql`, index(`${steps}\n${concurrently}`))
    await project.ours('migrate')
    expect(await project.query(countRows)).toEqual([{n: 12}])
  })

  it('that is half done does not keep dbmate from undoing the one before', async () => {
    const project = await Project.make({
      files: {[`${first}_items.sql`]: items, [`${second}_index.sql`]: index('select 1;\nselect 1 / 0;')},
    })
    expect(await project.tryOurs('migrate')).toMatchObject({exitCode: 6})
    await project.dbmate('rollback')
    expect(await project.tables()).toEqual([])
  })
})

describe('a file', () => {
  it.each([
    ['with CRLF', items.replaceAll('\n', '\r\n')],
    ['with comments before the first marker', `-- Items.\n\n${items}`],
    ['with semicolons in functions and texts', withFunction],
    ['whose last statement has no semicolon', items.replace(/;\n$/, '')],
    ['with an empty down', items.replace('drop table items;\n', '')],
  ])('%s is the same for both', async (_, text) => {
    const apply: ((project: Project) => Promise<unknown>)[] = [
      (project) => project.ours('migrate'),
      (project) => project.dbmate('up'),
    ]
    for (const run of apply) {
      const project = await Project.make({files: {[`${first}_items.sql`]: text}})
      await run(project)
      await project.expectStates({[first]: 'applied'})
      expect(await project.query(countRows)).toEqual([{n: 10}])
      if (!text.includes('drop table')) continue
      await project.ours('migrate:down')
      await project.dbmate('up')
      await project.dbmate('rollback')
      await project.ours('migrate')
      expect(await project.query(countRows)).toEqual([{n: 10}])
    }
  })

  it('that migrate:new has written runs in dbmate, the baseline too, and what comes after it', async () => {
    const project = await Project.make({})
    await project.writeFile('sql/schema.sql', baseline)
    await project.ours('migrate:new', 'add email')
    const names = await readdir(join(project.folder, 'sql/migrations'))
    const [base = '', own = ''] = names.map((name) => name.slice(0, 14))
    expect(names).toEqual([`${base}_baseline.sql`, `${own}_add_email.sql`])
    await project.write(
      `${own}_add_email.sql`,
      '-- migrate:up\nalter table people add email citizen;\ncreate table mails (id int);\n\n-- migrate:down\ndrop table mails;\nalter table people drop email;\n',
    )
    await project.dbmate('up')
    await project.expectStates({[base]: 'applied', [own]: 'applied'})
    expect(await project.tables()).toEqual(['mails', 'people'])
    await project.ours('migrate:down')
    await project.ours('migrate')
    await project.expectStates({[base]: 'applied', [own]: 'applied'})
  })

  it('without a down section is refused by dbmate and not by us', async () => {
    const project = await Project.make({
      files: {[`${first}_items.sql`]: items.slice(0, items.indexOf('-- migrate:down'))},
    })
    expect(await project.tryDbmate('up')).toMatchObject({exitCode: 2})
    await project.ours('migrate')
    await project.expectStates({[first]: 'applied'})
  })
})

const baseline = `create domain citizen as text check (value <> '');
create table people (id int generated always as identity primary key, name citizen not null);
create function adults() returns bigint language sql as 'select count(*) from people';
create view names as select name from people;
`

describe('the table', () => {
  it('is in the schema of the search_path for both', async () => {
    const project = await Project.make({files: {[`${first}_items.sql`]: items}})
    await project.dbmate('up', {search_path: 'app'})
    const state = async (...args: string[]): Promise<string> => (await project.ours('migrate:status', ...args)).stdout
    expect(await state('-csearch_path=app')).toContain('1 applied')
    expect(await project.tryOurs('migrate')).toMatchObject({exitCode: 5})
    await project.ours('migrate:down', '-csearch_path=app')
    await project.ours('migrate', '-csearch_path=app')
    expect(await project.dbmate('status', {search_path: 'app'})).toContain('Applied: 1')
    expect(await project.query('select count(*)::int as n from app.items')).toEqual([{n: 10}])
  })

  it('is so if the database has a search_path of its own', async () => {
    const project = await Project.make({files: {[`${first}_items.sql`]: items}})
    await project.query(`create schema app; alter database ${project.database} set search_path = app`)
    await project.ours('migrate')
    await project.expectStates({[first]: 'applied'})
    await project.dbmate('rollback')
    await project.dbmate('up')
    await project.ours('migrate:down')
    await project.expectStates({[first]: 'pending'})
  })
})
