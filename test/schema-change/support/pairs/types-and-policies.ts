import type {Pair} from '../pair.js'

export const typePairs: readonly Pair[] = [
  {
    name: 'enum add value at end',
    a: `create type e as enum ('a','b');
      create table x(a e default 'a')`,
    b: `create type e as enum ('a','b','c');
      create table x(a e default 'a')`,
    data: {a: `insert into x values ('a'), ('b')`, b: `insert into x values ('a'), ('b')`},
  },
  {
    name: 'enum add value and use as default',
    a: `create type e as enum ('a','c');
      create table x(a e default 'a')`,
    b: `create type e as enum ('a','b','c');
      create table x(a e default 'b')`,
    data: `insert into x values ('a'), ('c')`,
  },
  {
    name: 'enum remove value',
    a: `create type e as enum ('a','b','c');
      create table x(a e default 'a', es e[]);
      create view v as select a from x`,
    b: `create type e as enum ('a','c');
      create table x(a e default 'a', es e[]);
      create view v as select a from x`,
    data: `insert into x values ('a', '{a,c}'), ('c', null)`,
  },
  {
    name: 'enum in function + array + index',
    a: `create type e as enum ('a','b');
      create table x(a e, b e[] default '{a}');
      create index xi on x(a) where a = 'a';
      create function f(e) returns e language sql as 'select $1'`,
    b: `create type e as enum ('b','a','c');
      create table x(a e, b e[] default '{a}');
      create index xi on x(a) where a = 'a';
      create function f(e) returns e language sql as 'select $1'`,
    data: `insert into x values ('a', '{a}'), ('b', '{b,a}')`,
  },
  {
    name: 'domain base type change',
    a: `create domain d as int;
      create table x(a d)`,
    b: `create domain d as bigint;
      create table x(a d)`,
    data: `insert into x values (5), (null)`,
  },
  {
    name: 'sequence options / owned',
    a: `create sequence s;
      create table x(a int)`,
    b: `create sequence s as bigint increment 5 minvalue 2 start 2 cycle cache 3;
      create table x(a int);
      alter sequence s owned by x.a`,
    data: `insert into x values (1); select nextval('s'), nextval('s')`,
  },
  {
    name: 'rls policies',
    a: `create table x(a int, o name);
      alter table x enable row level security;
      create policy p on x using (true)`,
    b: `create table x(a int, o name);
      alter table x enable row level security;
      alter table x force row level security;
      create policy p on x for update to pair_reader using (a > 1) with check (a > 2);
      create policy q on x as restrictive using (true)`,
    data: `insert into x values (3, 'pair_reader')`,
  },
  {
    name: 'default privileges',
    a: `create schema s`,
    b: `create schema s;
      alter default privileges in schema s grant select on tables to pair_reader;
      create table s.x(a int)`,
    data: {a: ``, b: `insert into s.x values (1)`},
  },
  {
    name: 'comments',
    a: `create table x(a int);
      comment on table x is $$1$$;
      comment on column x.a is $$2$$`,
    b: `create table x(a int primary key);
      comment on table x is 'it''s';
      comment on index x_pkey is $$i$$;
      comment on constraint x_pkey on x is $$c$$;
      comment on schema public is $$hm$$`,
    data: `insert into x values (1), (2)`,
  },
  {
    name: 'partition detach / bounds',
    a: `create table p(id int) partition by list(id);
      create table p1 partition of p for values in (1)`,
    b: `create table p(id int) partition by list(id);
      create table p1 (id int)`,
    data: {a: `insert into p values (1)`, b: `insert into p1 values (1)`},
    there: {expected: {lost: ['p: 1 row lost: 1 before, 0 after']}},
    back: {expected: {lost: ['p: 1 row added: 0 before, 1 after']}},
  },
  {
    name: 'plain -> partitioned table',
    a: `create table p(id int)`,
    b: `create table p(id int) partition by hash(id);
      create table p1 partition of p for values with (modulus 1, remainder 0)`,
    data: `insert into p values (1), (2)`,
  },
  {
    name: 'inheritance',
    a: `create table p(a int);
      create table c(b int)`,
    b: `create table p(a int, z text);
      create table c(b int) inherits (p)`,
    data: {
      a: `insert into p values (1);
      insert into c values (2)`,
      b: `insert into p values (1, 'z');
      insert into c (b) values (2)`,
    },
  },
  {
    name: 'extension add',
    a: ``,
    b: `create extension citext;
      create table x(a citext)`,
    data: {a: ``, b: `insert into x values ('Q')`},
  },
  {
    name: 'extension in schema',
    a: ``,
    b: `create schema ext;
      create extension pg_trgm schema ext;
      create table x(t text);
      create index xi on x using gin (t ext.gin_trgm_ops)`,
    data: {a: ``, b: `insert into x values ('abc')`},
  },
]
