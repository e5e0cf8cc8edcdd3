import {afterAll, beforeAll, expect, inject, it} from 'vitest'
import type {Client} from 'pg'
import type {MigrationPlan, PlannedStatement} from '../../src/lib/migrations/plan/plan.js'
import {connected, query, uniqueName, urlOf} from '../support/databases.js'
import {type OwnServer, startOwnServer} from '../support/own-server.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {planOf, scratchOn} from './support/plan.js'

/** Each statement gets a schema of its own with these tables. */
const tables = `
create table users (id int primary key, name text not null, email varchar(50), age int);
create table posts (id int primary key, user_id int, title text, check (id > 0) not valid);
create index posts_title on posts (title);
create unique index posts_user on posts (user_id);
create table checked (id int primary key, v int, constraint v_not_null check (v is not null));
create table parts (id int not null, at date not null, v int) partition by range (at);
create table parts_1 partition of parts for values from ('2020-01-01') to ('2021-01-01');
create table parts_2 partition of parts for values from ('2021-01-01') to ('2022-01-01');
create table parts_3 (id int not null, at date not null, v int);
create materialized view counted as select count(*) from users;`
const rows = `
insert into users select g, 'n' || g, 'e' || g, g from generate_series(1, 2000) g;
insert into posts select g, g, 't' || g from generate_series(1, 2000) g;
insert into checked select g, g from generate_series(1, 2000) g;
insert into parts select g, '2020-03-01', g from generate_series(1, 1000) g;
insert into parts select g, '2021-03-01', g from generate_series(1, 1000) g;
insert into parts_3 select g, '2022-03-01', g from generate_series(1, 1000) g;
refresh materialized view counted;`

const statements = [
  'alter table users add column a int',
  'alter table users add column a int not null default 5',
  'alter table users add column a timestamptz default clock_timestamp()',
  'alter table users add column a int generated always as (age * 2) stored',
  'alter table users add column a bigserial',
  'alter table users add column a int generated always as identity',
  'alter table users add column a int check (a > 0)',
  'alter table users add column a int references posts (id)',
  'alter table users add column a int default 1 references posts (id)',
  'create index on users (name)',
  'create unique index on users (email)',
  'create index on users (lower(name)) where age > 3',
  'create index on parts (v)',
  'create index on only parts (v)',
  'alter table users alter column id type bigint',
  'alter table users alter column email type varchar(100)',
  'alter table users alter column email type varchar(20)',
  'alter table users alter column email type text',
  'alter table users alter column age type numeric using age + 1',
  'alter table posts alter column title type varchar',
  'alter table posts alter column title type text collate "C"',
  'alter table posts add constraint fk foreign key (user_id) references users (id)',
  'alter table posts add constraint fk foreign key (user_id) references users (id) not valid',
  'alter table posts validate constraint posts_id_check',
  'alter table posts alter column title set not null',
  'alter table checked alter column v set not null',
  'alter table parts alter column v set not null',
  'alter table posts alter column id drop default',
  'alter table posts add check (title is not null)',
  'alter table posts add check (title is not null) not valid',
  'alter table parts add check (v > 0)',
  'alter table users add unique (name)',
  'alter table users add exclude using btree (age with =)',
  'alter table posts add unique using index posts_user',
  'alter table parts add primary key (id, at)',
  'alter table parts_1 add check (v > 0)',
  'alter table users rename column name to nm',
  'alter table users rename to people',
  'alter index posts_title rename to posts_t',
  'drop index posts_title',
  'drop table posts',
  'drop table parts_1',
  'drop table parts',
  'alter table users drop column age',
  'alter table parts add column w int',
  'alter table parts add column w float default random()',
  "alter table parts attach partition parts_3 for values from ('2022-01-01') to ('2023-01-01')",
  'alter table parts detach partition parts_1',
  "create table parts_4 partition of parts for values from ('2024-01-01') to ('2025-01-01')",
  'create or replace view v as select 1 as a',
  'create table more (id int primary key, user_id int references users (id))',
  'create table copied as select * from users',
  'update users set age = 1',
  'delete from users',
  "insert into users values (0, '')",
  'insert into posts select id + 5000, id + 5000, name from users',
  'select count(*) from users',
  'select * from users for update',
  'lock table users in share mode',
  'alter table users set unlogged',
  'alter table users set logged',
  'alter table users set (fillfactor = 80)',
  'alter table users alter column name set statistics 10',
  'alter table users alter column age set default 3',
  'alter table users enable row level security',
  'truncate posts',
  'truncate parts',
  'reindex table posts',
  'reindex index posts_title',
  'cluster posts using posts_title',
  'refresh materialized view counted',
  'analyze users',
  "comment on table users is 'x'",
  'grant select on users to public',
  'create trigger t before update on users for each row execute function suppress_redundant_updates_trigger()',
  'create statistics st on name, email from users',
  'do $$ begin update users set age = 2; alter table posts add column x int; end $$',
  'alter table users replica identity full',
]

/** Statements that lock partitions less than on the copy, on versions before the one named. */
const weakerBefore: Readonly<Record<string, number>> = {
  'alter table parts add primary key (id, at)': 18,
  'alter table parts detach partition parts_1': 14,
}

/** What a statement locks, writes anew and scans. */
interface Facts {
  locks: string[]
  rewrites: string[]
  scans: string[]
}

const schemaOf = (index: number): string => `Statement ${index}`
const folder = temporaryFolder()
const database = uniqueName('filled')
let plan: MigrationPlan
let own: OwnServer | undefined

beforeAll(async () => {
  await query('postgres', `create database "${database}" template template0`)
  await connected(urlOf(database), async (client) => {
    for (const index of statements.keys())
      await client.query(
        `create schema "${schemaOf(index)}"; set search_path = "${schemaOf(index)}"; ${tables} ${rows}`,
      )
    await client.query('analyze')
  })
  // The copy is made on the version that comes with the package.
  if (inject('serverMajor') !== '') own = await startOwnServer()
  const texts = statements.map((statement, index) => `set local search_path = "${schemaOf(index)}";\n${statement};`)
  plan = await planOf(texts, {
    folder,
    url: urlOf(database),
    scratch: [scratchOn(own?.url('postgres') ?? urlOf('postgres'))],
  })
})
afterAll(async () => {
  await own?.stop()
  await query('postgres', `drop database if exists "${database}" with (force)`)
})

const files = `select oid::int, pg_relation_filenode(oid) as file from pg_class
  where relkind in ('r', 'p', 'm') and relnamespace = to_regnamespace($1)`
const scans = `select relid::int as oid, seq_scan::int as scans from pg_stat_xact_user_tables where schemaname = $1`
const locks = `select l.relation::int as oid, l.mode from pg_locks l where l.pid = pg_backend_pid() and l.locktype = 'relation'`
const names = `select oid::int, relname as name from pg_class where relkind in ('r', 'p', 'm') and relnamespace = to_regnamespace($1)`
const strength = ['RowExclusive', 'ShareUpdateExclusive', 'Share', 'ShareRowExclusive', 'Exclusive', 'AccessExclusive']

/** Runs a statement on the filled database, and rolls it back. */
async function factsWhenFilled(client: Client, index: number): Promise<Facts> {
  const schema = `"${schemaOf(index)}"`
  const read = async <Row extends object>(sql: string, value?: string): Promise<Row[]> =>
    (await client.query<Row>(sql, value === undefined ? [] : [value])).rows
  await client.query(`begin; set local search_path = ${schema}; set local max_parallel_maintenance_workers = 0`)
  try {
    const tablesBefore = new Map(
      (await read<{oid: number; name: string}>(names, schema)).map(({oid, name}) => [oid, name]),
    )
    const filesBefore = await read<{oid: number; file: number}>(files, schema)
    const scansBefore = await read<{oid: number; scans: number}>(scans, schemaOf(index))
    await client.query(statements[index] ?? '')
    const held = await read<{oid: number; mode: string}>(locks)
    const filesAfter = await read<{oid: number; file: number}>(files, schema)
    const scansAfter = await read<{oid: number; scans: number}>(scans, schemaOf(index))
    const named = (oids: Iterable<number>): string[] => [...oids].flatMap((oid) => tablesBefore.get(oid) ?? []).sort()
    const modeOf = (wanted: number): string | undefined =>
      strength.findLast((mode) => held.some(({oid, mode: other}) => oid === wanted && other === `${mode}Lock`))
    const was = (list: readonly {oid: number}[], wanted: number): object | undefined =>
      list.find(({oid}) => oid === wanted)
    const moved = filesAfter.filter(({oid, file}) => {
      const before = was(filesBefore, oid) as {file: number} | undefined
      return before !== undefined && before.file !== file
    })
    const scanned = scansAfter.filter(
      ({oid, scans: now}) => now > ((was(scansBefore, oid) as {scans: number} | undefined)?.scans ?? 0),
    )
    return {
      locks: [...tablesBefore]
        .flatMap(([oid, name]) => (modeOf(oid) === undefined ? [] : [`${name} ${modeOf(oid)}`]))
        .sort(),
      rewrites: named(moved.map(({oid}) => oid)),
      scans: named(scanned.map(({oid}) => oid)),
    }
  } finally {
    await client.query('rollback')
  }
}

function factsOfPlan({locks: held, rewrites, scans: read, losses}: PlannedStatement): Facts {
  const plain = (name: string): string => name.replace(/^.*\./, '')
  const truncated = losses.filter(({how}) => how === 'truncated').map(({table}) => table)
  return {
    locks: held.map(({table, mode}) => `${plain(table)} ${mode}`).sort(),
    rewrites: [...rewrites, ...truncated].map(plain).sort(),
    scans: read.map(plain).sort(),
  }
}

it('measures on the empty copy what the statements do where there are rows', async () => {
  expect(plan.unmeasured).toEqual([])
  const [version] = await query<{major: number}>(
    database,
    "select current_setting('server_version_num')::int / 10000 as major",
  )
  const major = version?.major ?? 0
  await connected(urlOf(database), async (client) => {
    const [planned, filled]: Record<string, Facts>[] = [{}, {}]
    for (const [index, statement] of statements.entries()) {
      const measured = plan.migrations[index]?.statements.at(-1)
      if (planned === undefined || filled === undefined || measured === undefined) throw new TypeError(statement)
      planned[statement] = factsOfPlan(measured)
      const facts = await factsWhenFilled(client, index)
      const {scans: read, locks: held} = planned[statement]
      // How a foreign key is checked depends on the number of rows; that its table is read does not. TRUNCATE builds the
      // indexes of nothing again, which counts as a scan.
      const keys = measured.constraints.filter(({kind, valid}) => kind === 'foreign key' && valid)
      if (keys.length > 0) expect(facts.scans, statement).toEqual(expect.arrayContaining(read))
      const isOwn = keys.length > 0 || statement.startsWith('truncate')
      filled[statement] = {
        ...facts,
        ...(isOwn ? {scans: read} : {}),
        ...(major < (weakerBefore[statement] ?? 0) ? {locks: held} : {}),
      }
    }
    expect(planned).toEqual(filled)
  })
})
