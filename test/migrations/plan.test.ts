import {describe, expect, it} from 'vitest'
import type {ScratchServer} from '../../src/lib/dumps/file-schema.js'
import {StateError} from '../../src/lib/errors.js'
import type {MigrationPlan} from '../../src/lib/migrations/plan/plan.js'
import {renderPlan} from '../../src/lib/migrations/plan/report.js'
import {styleOf} from '../../src/lib/text/style.js'
import {connected, query, uniqueName, urlOf} from '../support/databases.js'
import {startOwnServer} from '../support/own-server.js'
import {planDatabase, separate} from './support/plan-database.js'
import {planOf, type PlanOfTexts, scratchOn} from './support/plan.js'

const {database, folder, plan} = planDatabase()

/** The codes of the findings, with their lines and tables. */
const codes = ({findings}: MigrationPlan): string[] =>
  findings.map(({line, code, table}) => `${line}: ${code} ${table}`)

async function rendered(texts: string[], options: Partial<PlanOfTexts> = {}): Promise<string> {
  return renderPlan(await plan(texts, options), styleOf('stdout'), 200).replaceAll(/\d[\d.]* [kM]B/g, '<size>')
}

describe('what is measured', () => {
  it('follows search_path, variables, included files, COPY data and conditions', async () => {
    const text = `set local search_path = "Odd Schema";
\\set column C
alter table "Big ""T""" alter column :"column" type bigint;
\\ir more.psql
copy public.empty from stdin;
1\t2\t3
\\.
select count(*) > 0 as filled from public.empty \\gset
\\if :filled
create index on public.users (name);
\\endif`
    const found = await plan([text], {files: {'more.psql': 'create index on public.posts (id, title);\n'}})
    expect(found.unmeasured).toEqual([])
    expect(found.findings.map(({file, line, code, table}) => [file, line, code, table])).toEqual([
      ['sql/migrations/20260101000001_m1.sql', 4, 'table_rewrite', '"Odd Schema"."Big ""T"""'],
      ['sql/migrations/20260101000001_m1.sql', 4, 'statements_after_lock', '"Odd Schema"."Big ""T"""'],
      ['sql/migrations/more.psql', 1, 'index_build', 'posts'],
      ['sql/migrations/more.psql', 1, 'several_tables_locked', 'posts'],
      ['sql/migrations/20260101000001_m1.sql', 11, 'index_build', 'users'],
    ])
  })

  it('uses the search_path of the target', async () => {
    const role = uniqueName('role')
    await query(
      'postgres',
      `create role ${role} login superuser password 'pw'; alter role ${role} set search_path = "Odd Schema"`,
    )
    const url = Object.assign(new URL(urlOf(database)), {username: role, password: 'pw'}).href
    const text = 'alter table "Big ""T""" alter column "C" type bigint;'
    try {
      expect(codes(await plan([text], {url}))).toEqual(['2: table_rewrite "Odd Schema"."Big ""T"""'])
    } finally {
      await query('postgres', `drop role ${role}`)
    }
    expect((await plan([text])).findings).toMatchObject([
      {code: 'statement_fails', line: 2, message: expect.stringContaining('42P01') as string},
    ])
  })

  it('leaves out the statements that ran already', async () => {
    const text = separate([
      'set search_path = "Odd Schema"',
      'create table public.users (id int)',
      'alter table "Big ""T""" alter column "C" type bigint',
    ])
    const found = await plan([text], {done: 2})
    expect([codes(found), found.unmeasured]).toEqual([['4: table_rewrite "Odd Schema"."Big ""T"""'], []])
  })

  it('goes on after a statement that fails, and says so', async () => {
    const found = await plan([
      `alter table nowhere add column a int;
create index on users (name);
commit;
create role somebody;
alter system set work_mem = '1MB';
create index concurrently on posts (title);
grant select on users to nobody_at_all;
select id from users where id = 1 \\gset
alter table users drop column age;`,
      'alter table small rename to tiny;',
    ])
    expect(codes(found)).toEqual([
      '3: index_build users',
      '2: renamed small',
      '2: statement_fails ',
      '7: statement_fails ',
    ])
    expect(found.findings.filter(({code}) => code === 'statement_fails')).toMatchObject([
      {
        statement: 'alter table nowhere add column a int;',
        message: expect.stringContaining('does not exist') as string,
      },
      {statement: 'create index concurrently on posts (title);'},
    ])
    expect(found.unmeasured.map(({line, statement, reason}) => [line, statement, reason.slice(0, 45)])).toEqual([
      [4, 'commit;', 'The migration is one transaction, in which ot'],
      [5, 'create role somebody;', 'It is about the server, not about this databa'],
      [6, "alter system set work_mem = '1MB';", 'It is about the server, not about this databa'],
      [9, 'select id from users where id = 1 \\gset', 'The file was not read from here on: \\gset nee'],
    ])
  })

  it('follows transactions and savepoints of the file', async () => {
    const own = separate(['begin', 'alter table users add column a int', 'select count(*) from posts', 'commit'])
    expect(codes(await plan([own]))).toEqual(['3: statements_after_lock users'])
    const undone = `savepoint s;
alter table users drop column age;
rollback to s;
alter table users drop column age;`
    const found = await plan([undone])
    expect(found.unmeasured).toEqual([])
    expect(codes(found)).toEqual(['3: rows_dropped users', '5: rows_dropped users'])
  })

  it('names what the copy lacks, and prefers a server that lacks nothing', async () => {
    const [lacking, role] = [uniqueName('lacking'), uniqueName('role')]
    await query('postgres', `create database "${lacking}" template template0`)
    await query(lacking, `create role ${role}; create table t (id int); create policy p on t to ${role} using (true)`)
    const other = await startOwnServer()
    const absent: ScratchServer = {
      open: () => Promise.reject(new StateError('absent', {code: 'server_unavailable'})),
      cache: undefined,
    }
    const at = {folder, url: urlOf(lacking)}
    const [here, there] = [scratchOn(urlOf('postgres')), scratchOn(other.url('postgres'))]
    const texts = ['create extension nowhere;\nalter table t add column a int;']
    try {
      const found = await planOf(texts, {...at, scratch: [absent, there]})
      expect(found.unmeasured).toMatchObject([
        {migration: null, file: null, statement: expect.stringContaining('CREATE POLICY p') as string},
        {file: 'sql/migrations/20260101000001_m1.sql', line: 2},
      ])
      expect(found.migrations[0]?.statements).toMatchObject([{line: 3, locks: [{table: 't', mode: 'AccessExclusive'}]}])
      expect(renderPlan(found, styleOf('stdout'))).toContain('The copy on which this was measured is not complete:')
      expect((await planOf(texts, {...at, scratch: [there, here]})).unmeasured).toMatchObject([{line: 2}])
      await expect(planOf(texts, {...at, scratch: [absent]})).rejects.toMatchObject({code: 'server_unavailable'})
    } finally {
      await other.stop()
      await query('postgres', `drop database "${lacking}" with (force)`)
      await query('postgres', `drop role ${role}`)
    }
  })

  it('changes nothing on the target', async () => {
    const state = `select (select count(*)::int from pg_class) as relations, (select count(*)::int from users) as rows`
    const before = await query(database, state)
    await plan(['drop table users cascade;', 'create table t (id int);'])
    expect(await query(database, state)).toEqual(before)
  })
})

it('names invalid indexes of the target', async () => {
  await connected(urlOf(database), async (client) => {
    await client.query('insert into half values (2, 1), (3, 1)')
    await client.query('create unique index concurrently half_unused on half (unused)').catch(() => undefined)
  })
  try {
    const found = await plan(['create table t (id int);'])
    expect(found.invalidIndexes).toEqual([{table: 'half', index: 'half_unused'}])
    expect(found.findings).toMatchObject([{code: 'invalid_index', file: null, table: 'half'}])
  } finally {
    await query(database, 'drop index half_unused')
  }
})

describe('renderPlan', () => {
  it('says little where there is little to say', async () => {
    expect(await rendered(['create table t (id int);\nalter table small add column b int;'])).toMatchInlineSnapshot(`
      "sql/migrations/20260101000001_m1.sql
      1 migration, 2 statements: no findings. The copy has no rows, so what depends on them is not measured."
    `)
  })

  it('says what others feel, and what to write instead', async () => {
    const texts = [
      `alter table users alter column email type text, alter column age type bigint;
alter table posts add constraint fk foreign key (user_id) references users (id);
nonsense;`,
      'create index posts_user on posts (user_id);\nalter table users add column a int;',
      'alter table users alter column email set not null;',
    ]
    expect(await rendered(texts)).toMatchInlineSnapshot(`
      "sql/migrations/20260101000001_m1.sql
        2: alter table users alter column email type text, alter column age type bigint;
          Locks users against reads and writes.
          Rewrites users (<size>, about 20,000 rows) while nobody can read or write it.
          Instead: Add another column, let programs write both, copy the values in batches, and swap the names in a later migration.
            alter table users add column email_new text;
            update users set email_new = email where …;  -- in batches
            alter table users rename column email to email_old;  -- later
            alter table users rename column email_new to email;
            alter table users add column age_new bigint;
            update users set age_new = age where …;  -- in batches
            alter table users rename column age to age_old;  -- later
            alter table users rename column age_new to age;
          Locks users (<size>, about 20,000 rows) until the end of the transaction: nobody can read or write it while line 3 runs, which takes long.
          Instead: Move line 3 into a migration of its own.
        3: alter table posts add constraint fk foreign key (user_id) references users (id);
          Locks posts, users against writes.
          Checks the foreign key of every row of posts (<size>, about 20,000 rows) while nobody can write to it or to users.
          Instead: Add it without checking the rows, and validate it in a later migration, while others read and write.
            alter table posts add constraint fk FOREIGN KEY (user_id) REFERENCES users(id) not valid;
            alter table posts validate constraint fk;  -- in a later migration
          Locks posts (<size>, about 20,000 rows) while it holds a lock on users (<size>, about 20,000 rows): others wait for both until the end of the transaction.
          Instead: Write one migration for each table.
        4: nonsense;
          Fails on the copy: syntax error at or near "nonsense" (SQLSTATE 42601)
          Instead: Correct it. If it depends on rows, which the copy does not have, try it on a database that has some.
      sql/migrations/20260101000002_m2.sql
        2: create index posts_user on posts (user_id);
          Locks posts against writes.
          Builds the index posts_user on posts (<size>, about 20,000 rows) while nobody can write to it.
          Instead: Build it while others read and write, in a migration with transaction:false.
            -- migrate:up transaction:false
            create index concurrently posts_user on posts (user_id);
        3: alter table users add column a int;
          Locks users against reads and writes.
          Locks users (<size>, about 20,000 rows) while it holds a lock on posts (<size>, about 20,000 rows): others wait for both until the end of the transaction.
          Instead: Write one migration for each table.
      sql/migrations/20260101000003_m3.sql
        2: alter table users alter column email set not null;
          Locks users against reads and writes.
          Scans users (<size>, about 20,000 rows) while nobody can read or write it.
          Instead: First add a check with the same condition, and validate it while others read and write. Then SET NOT NULL scans nothing.
            alter table users add constraint email_not_null check (email is not null) not valid;
            alter table users validate constraint email_not_null;  -- in a later migration
            alter table users alter column email set not null;
            alter table users drop constraint email_not_null;
      3 migrations, 5 statements: 8 findings. The copy has no rows, so what depends on them is not measured."
    `)
  })
})
