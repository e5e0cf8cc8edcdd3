import type {Pair} from '../pair.js'

export const privilegePairs: readonly Pair[] = [
  {
    name: 'privileges: columns, grant options, functions, sequences, schemas',
    common: `create table g (a int, b int, c text); create view gv as select a, b from g; create sequence gs;
      create function gf() returns int language sql as 'select 1'; create schema gsch; create type gt as enum ('x')`,
    a: `grant select (a), update (b) on g to pair_reader; grant select on gv to pair_reader;
      grant usage on sequence gs to pair_reader with grant option; grant select on g to public`,
    b: `grant select (a, b) on g to pair_reader with grant option; grant insert (c) on g to pair_writer;
      revoke execute on function gf() from public; grant execute on function gf() to pair_reader;
      grant usage, create on schema gsch to pair_reader; grant usage, select on sequence gs to pair_reader;
      grant select (a) on gv to pair_writer; revoke usage on type gt from public; revoke update on g from current_user`,
    data: `insert into g values (1, 2, 'c')`,
  },
  {
    name: 'privileges: columns of a table whose columns change',
    a: `create table g (a int, b varchar(5), c text); create view v as select a, b from g;
      grant select (a, b), update (b) on g to pair_reader; grant select (b) on v to pair_writer`,
    b: `create table g (a bigint, b text, c text, d int default 4); create view v as select a, b from g;
      grant select (a, b), update (b) on g to pair_reader; grant select (b) on v to pair_writer; grant select (d) on g to pair_reader`,
    data: {a: `insert into g values (1, 'b', 'c')`, b: `insert into g values (1, 'b', 'c', 4)`},
  },
  {
    name: 'privileges: default privileges of several kinds, owners of several kinds',
    common: `create schema s`,
    a: `alter default privileges in schema s grant select on tables to pair_reader with grant option;
      create table s.t (a int); create function s.f() returns int language sql as 'select 1'; create type s.e as enum ('a')`,
    b: `alter default privileges in schema s grant usage on sequences to pair_reader;
      alter default privileges revoke execute on functions from public;
      create table s.t (a int); create function s.f() returns int language sql as 'select 1'; create type s.e as enum ('a');
      grant execute on function s.f() to public; revoke all on s.t from pair_reader;
      alter function s.f() owner to pair_reader; alter type s.e owner to pair_writer; alter schema s owner to pair_reader`,
    data: 'insert into s.t values (1)',
  },
  {
    name: 'policies that use functions, tables and columns',
    common: `create table tenants (id int primary key, boss name)`,
    a: `create function allowed(int) returns boolean language sql stable as 'select $1 > 0';
      create table docs (id int, tenant int, body text); alter table docs enable row level security;
      create policy own on docs for select to pair_reader using (allowed(tenant));
      create policy changes on docs for update using (allowed(tenant)) with check (allowed(id));
      comment on policy own on docs is 'p'`,
    b: `create function allowed(int, text default 'x') returns boolean language sql stable as 'select $1 > 0 and $2 is not null';
      create table docs (id bigint, tenant int, body text); alter table docs enable row level security;
      create policy own on docs for select to pair_reader, pair_writer using (allowed(tenant, body));
      create policy changes on docs for update using (exists (select from tenants t where t.id = tenant)) with check (id > 0);
      create policy "Third one" on docs as restrictive for delete using (tenant = 1);
      comment on policy own on docs is 'q'`,
    data: `insert into tenants values (1, 'b'); insert into docs values (1, 1, 'text')`,
  },
  {
    name: 'comments on everything',
    common: `create schema s; create table t (a int primary key, b text, constraint pos check (a > 0));
      create index t_b on t (b); create view v as select a, b from t; create materialized view m as select a from t;
      create function f(int) returns int language sql immutable as 'select $1'; create procedure p() language sql as 'select 1';
      create function tf() returns trigger language plpgsql as $$begin return new; end$$;
      create trigger tr before insert on t for each row execute function tf(); create policy po on t using (true);
      create rule ru as on delete to t do also select 1; create statistics st on a, b from t;
      create type e as enum ('a'); create type c as (x int, y text); create domain d as int constraint d_pos check (value > 0);
      create sequence sq; create aggregate ag (int) (sfunc = int4pl, stype = int, initcond = '0');
      create operator @+@ (leftarg = int, rightarg = int, function = int4pl); create cast (e as int) with inout;
      create text search configuration tc (copy = simple); create collation co (locale = 'C')`,
    a: `comment on table t is 'table'; comment on column t.a is 'column'; comment on view v is 'view'; comment on function f(int) is 'f';
      comment on type c is 'composite'; comment on column c.x is 'attribute'; comment on trigger tr on t is 'trigger';
      comment on sequence sq is 'sequence'; comment on constraint pos on t is 'check'; comment on index t_b is 'index'`,
    b: `comment on schema s is 'schema'; comment on table t is 'it''s; another'; comment on column v.b is 'of view';
      comment on materialized view m is 'mat'; comment on column m.a is 'of mat'; comment on procedure p() is 'proc';
      comment on policy po on t is 'policy'; comment on rule ru on t is 'rule'; comment on statistics st is 'stats';
      comment on type e is 'enum'; comment on domain d is 'domain'; comment on constraint d_pos on domain d is 'of domain';
      comment on aggregate ag(int) is 'agg'; comment on operator @+@ (int, int) is 'op'; comment on cast (e as int) is 'cast';
      comment on text search configuration tc is 'ts'; comment on collation co is 'coll'; comment on column c.y is 'y';
      comment on index t_pkey is E'two\\nlines'; comment on constraint t_pkey on t is 'key'; comment on function f(int) is 'g'`,
    data: `insert into t values (1, 'b')`,
  },
]
