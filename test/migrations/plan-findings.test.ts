import {describe, expect, it} from 'vitest'
import {planDatabase, separate} from './support/plan-database.js'

const {plan} = planDatabase()

/** Statements, each in a transaction of its own, and their findings. */
async function codesOf(statements: readonly string[]): Promise<Record<string, string[]>> {
  const {findings, unmeasured} = await plan([separate(statements)])
  expect(unmeasured).toEqual([])
  const of = (line: number): string[] =>
    findings.filter((finding) => finding.line === line).map(({code, table}) => `${code} ${table}`)
  return Object.fromEntries(statements.map((statement, index) => [statement, of(index + 2)]))
}

describe('findings of single statements', () => {
  it('says what large tables would suffer', async () => {
    const expected = {
      'alter table users alter column id type bigint': ['table_rewrite users'],
      'alter table users add column a timestamptz default clock_timestamp()': ['table_rewrite users'],
      'alter table posts set unlogged': ['table_rewrite posts'],
      'refresh materialized view listed': ['table_rewrite listed'],
      'vacuum full posts': ['table_rewrite posts'],
      'alter table parts alter column v set not null': ['table_scan parts'],
      "alter table parts attach partition parts_3 for values from ('2022-01-01') to ('2023-01-01')": [
        'table_scan parts_3',
      ],
      'alter table parts add column w float default random()': ['table_rewrite parts'],
      'create index on users (name)': ['index_build users'],
      'create index on parts (v)': ['index_build parts'],
      'alter table users add constraint u unique (email)': ['index_build users'],
      'alter table posts alter column title type text collate "C"': ['index_build posts'],
      'reindex table posts': ['index_build posts'],
      'reindex index posts_old': ['index_build posts'],
      'alter table users alter column email set not null': ['table_scan users'],
      'alter table posts add constraint c check (title is not null)': ['check_validated posts'],
      'alter table parts add constraint p check (v > 0)': ['check_validated parts'],
      'alter table posts add constraint fk foreign key (old_id) references users (id)': ['foreign_key_validated posts'],
      'alter table posts add constraint f2 foreign key (user_id) references users (id) not valid': [
        'foreign_key_without_index posts',
      ],
      'alter table "Odd Schema"."Big ""T""" alter column "a b" type bigint': ['table_rewrite "Odd Schema"."Big ""T"""'],
    }
    expect(await codesOf(Object.keys(expected))).toEqual(expected)
  })

  it('says nothing of what nobody notices', async () => {
    const statements = [
      'alter table users add column a int',
      'alter table users add column b int not null default 5',
      'alter table users alter column email type varchar(100)',
      'create index concurrently on users (name)',
      'create unique index concurrently users_email on users (email)',
      'alter table users add constraint u unique using index users_email',
      'alter table posts validate constraint later',
      'alter table posts add constraint c check (title is not null) not valid',
      'alter table posts validate constraint c',
      'alter table posts alter column title set not null',
      'alter table posts add constraint fk foreign key (old_id) references users (id) not valid',
      'alter table posts validate constraint fk',
      'reindex index concurrently posts_old',
      'refresh materialized view concurrently listed',
      'update users set age = 1',
      'vacuum posts',
      'create index on only parts (v)',
      // Small and empty tables, and new ones.
      'alter table small alter column a type bigint',
      'create index on small (a)',
      'alter table small add check (a > 0)',
      'alter table small add foreign key (user_id) references users (id)',
      'alter table empty alter column a set not null',
      'alter table app.users add column x timestamptz default clock_timestamp()',
      'create table made (id int primary key, user_id int references users (id))',
      'create index on made (user_id)',
      'alter table made alter column id type bigint',
      'alter table made rename to other',
      'drop table other',
    ]
    expect(await codesOf(statements)).toEqual(Object.fromEntries(statements.map((statement) => [statement, []])))
  })

  it('counts what is dropped, emptied or renamed, however little it is', async () => {
    const expected = {
      'alter table small rename column user_id to owner_id': ['renamed small'],
      'alter table small drop column a': ['rows_dropped small'],
      'alter table half drop column unused': [],
      'alter table empty drop column a': [],
      'alter table empty rename column user_id to owner_id': [],
      'alter schema app rename to app2': ['renamed app.users'],
      'truncate half': ['rows_dropped half'],
      'alter table half rename to tiny': ['renamed half'],
      'drop table posts': ['rows_dropped posts'],
      'drop table empty': [],
      'drop table parts_1': ['rows_dropped parts_1'],
      'drop table parts': ['rows_dropped parts'],
      'alter table users add column n int not null': ['column_without_value users'],
    }
    expect(await codesOf(Object.keys(expected))).toEqual(expected)
  })
})

describe('findings of transactions', () => {
  /** The findings of each migration. */
  async function each(cases: readonly (readonly [text: string, found: readonly string[]])[]): Promise<void> {
    const {migrations, findings, unmeasured} = await plan(cases.map(([text]) => text))
    expect(unmeasured).toEqual([])
    const found = migrations.map(({version}) =>
      findings.filter(({migration}) => migration === version).map(({line, code, table}) => `${line}: ${code} ${table}`),
    )
    expect(found).toEqual(cases.map(([, expected]) => expected))
  }

  it('names what comes after a lock against all others, if it takes long', async () => {
    await each([
      [
        'alter table users add column a int;\ncreate index on posts (user_id);',
        ['2: statements_after_lock users', '3: index_build posts', '3: several_tables_locked posts'],
      ],
      ['alter table users add column b int;\nselect count(*) from posts;', ['2: statements_after_lock users']],
      ['alter table users add column c int, add column d int;\ncreate table t (id int);', []],
      ['alter table small add column b int;\nselect count(*) from posts;', []],
      ['select count(*) from posts;\nalter table users add column e int;', []],
      ['select count(*) from posts;', []],
    ])
  })

  it('names locks on several large tables, but not those of one statement', async () => {
    await each([
      ['alter table users add column a int;\nalter table posts add column a int;', ['3: several_tables_locked posts']],
      ['alter table users add column b int;', []],
      ['alter table posts add column b int;\nalter table small add column b int;', []],
      ['lock table users, posts in share mode;', []],
      ['alter table parts add column w int;', []],
    ])
  })

  it('names a constraint that is validated in the transaction that adds it', async () => {
    await each([
      [
        'alter table posts add constraint c check (title is not null) not valid;\nalter table posts validate constraint c;',
        ['3: validated_with_added posts'],
      ],
      ['alter table posts add constraint d check (title is not null) not valid;', []],
      ['alter table posts validate constraint d;', []],
      ['alter table small add constraint c check (a > 0) not valid;\nalter table small validate constraint c;', []],
    ])
  })

  it('names row changes together with a lock against all others', async () => {
    await each([
      ['alter table posts add column a int;\nupdate posts set a = 1;', ['3: rows_changed_with_ddl posts']],
      ["update posts set title = '';\nalter table posts add column b int;", ['2: rows_changed_with_ddl posts']],
      [
        'alter table posts add column c int;\ninsert into posts select id + 50000 from users;',
        ['3: rows_changed_with_ddl posts'],
      ],
      ['alter table posts add column d int;\ninsert into posts (id) values (99999);', []],
      ['alter table posts add column e int;\nupdate small set a = 1;', []],
      ['update posts set a = 1;', []],
      ["create table t (id int);\nupdate posts set title = '';", []],
    ])
  })

  it('asks for the index of a foreign key only if no migration makes it', async () => {
    const key = (column: string): string =>
      `alter table posts add foreign key (${column}) references users (id) not valid;`
    await each([
      [key('user_id'), ['2: foreign_key_without_index posts']],
      [separate(['create index concurrently on posts (title, user_id)']), []],
      [separate(['create index concurrently on posts (user_id) where id > 3']), []],
    ])
    await each([
      [key('user_id'), []],
      [separate(['create index concurrently on posts (user_id, title)']), []],
      [key('old_id'), []],
    ])
  })

  it('takes swapped columns and views with the old name for no renames', async () => {
    const swap = `alter table small add column a2 bigint;
update small set a2 = a;
alter table small rename column a to a_old;
alter table small rename column a2 to a;`
    await each([
      [swap, []],
      ['alter table small rename to tiny;\ncreate view small as select * from tiny;', []],
      ['alter table half rename column unused to used;', ['2: renamed half']],
    ])
  })
})
