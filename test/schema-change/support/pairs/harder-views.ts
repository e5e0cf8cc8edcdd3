import type {Pair} from '../pair.js'

export const harderViewPairs: readonly Pair[] = [
  {
    name: 'views on views, with a dropped column',
    common: `create function ins() returns trigger language plpgsql as $$begin return null; end$$`,
    a: `create table base (a int, b int, c int); create view v1 as select * from base; create view v2 as select a, b from v1;
      create view v3 as select v2.a, v1.c from v2 join v1 using (a); create trigger ins instead of insert on v2 for each row execute function ins();
      grant select on v3 to pair_reader; comment on view v2 is 'two'; comment on column v3.c is 'c'; alter view v3 alter column c set default 5`,
    b: `create table base (a int, c int); create view v1 as select * from base; create view v2 as select a from v1;
      create view v3 as select v2.a, v1.c from v2 join v1 using (a); create trigger ins instead of insert on v2 for each row execute function ins();
      grant select on v3 to pair_reader; comment on view v2 is 'two'; comment on column v3.c is 'c'; alter view v3 alter column c set default 5`,
    data: {a: 'insert into base values (1, 2, 3)', b: 'insert into base values (1, 3)'},
    there: {expected: {differsBack: ['table public.base differs']}},
    back: {
      expected: {
        open: [
          'up: The columns of base are in another order: new columns come last. Move them in the file, or rebuild the table with --rebuild base.',
        ],
        differs: ['table public.base differs'],
      },
    },
  },
  {
    name: 'materialized views on views, unfilled, with indexes',
    a: `create table base (a int, b text); create view v as select a, b from base; create materialized view m as select a, b from v;
      create unique index m_a on m (a); create materialized view mm as select b from m with no data; create index mm_b on mm (b);
      grant select on m to pair_reader`,
    b: `create table base (a int, b varchar(20)); create view v as select a, b from base; create materialized view m as select a, b, 1 as one from v;
      create unique index m_a on m (a); create materialized view mm as select b from m; create index mm_b on mm (b);
      grant select on m to pair_reader; alter materialized view m alter column b set statistics 10; alter materialized view m cluster on m_a`,
    data: `insert into base values (1, 'b'); refresh materialized view m; refresh materialized view mm`,
  },
  {
    name: 'recursive and circular: view and function that use each other',
    a: `create table x (a int); create function f() returns setof x language sql as 'select * from x'; create view v as select a from f();
      create function g() returns setof v language sql as 'select * from v'`,
    b: `create table x (a int, b int default 1); create function f() returns setof x language sql as 'select * from x'; create view v as select a, b from f();
      create function g() returns setof v language sql as 'select * from v'`,
    data: {a: 'insert into x values (1)', b: 'insert into x values (1, 1)'},
  },
  {
    name: 'generated columns: another expression and type, in index, check and view',
    a: `create table x (a int, b int, g int generated always as (a + b) stored, constraint k check (g > 0)); create index x_g on x (g);
      create view v as select g from x; comment on column x.g is 'g'; grant select (g) on x to pair_reader`,
    b: `create table x (a int, b int, g bigint generated always as (a * b) stored, constraint k check (g > 0)); create index x_g on x (g);
      create view v as select g from x; comment on column x.g is 'g'; grant select (g) on x to pair_reader`,
    data: 'insert into x (a, b) values (1, 2), (3, 4)',
    there: {shows: ['select a, b, g from x order by 1', '1 2 2\n3 4 12']},
    back: {shows: ['select a, b, g from x order by 1', '1 2 3\n3 4 7']},
  },
  {
    name: 'triggers: constraint, transition tables, disabled, always, of columns',
    common: `create table x (a int, b int); create table y (a int);
      create function t1() returns trigger language plpgsql as $$begin return null; end$$;
      create function t2() returns trigger language plpgsql as $$begin return new; end$$`,
    a: `create trigger one after insert on x referencing new table as n for each statement execute function t1();
      create trigger two before update of a on x for each row execute function t2('arg'); alter table x disable trigger two;
      create trigger gone before delete on y for each statement execute function t1()`,
    b: `create trigger one after update on x referencing new table as n old table as o for each statement execute function t1();
      create trigger two before update of b on x for each row when (new.b > 1) execute function t2('it''s'); alter table x enable always trigger two;
      create constraint trigger three after insert on y deferrable initially deferred for each row execute function t1();
      create trigger four before truncate on y execute function t1(); alter table y enable replica trigger four; comment on trigger four on y is '4'`,
    data: 'insert into x values (1, 1); insert into y values (1)',
  },
  {
    name: 'rules: of tables and views, disabled',
    common: 'create table x (a int); create table log (a int); create view v as select a from x',
    a: `create rule ins as on insert to v do instead insert into x values (new.a); create rule logged as on update to x do also insert into log values (1);
      alter table x disable rule logged`,
    b: `create rule ins as on insert to v do instead insert into x values (new.a + 1); create rule logged as on update to x do also insert into log values (new.a);
      create rule del as on delete to x where old.a > 5 do instead nothing; comment on rule del on x is 'd'`,
    data: 'insert into x values (1); insert into log values (1)',
  },
  {
    name: 'functions: overloads, defaults, names of arguments, chains, bodies with dependencies',
    a: `create function f(a int) returns int language sql immutable as 'select a'; create function f(a text) returns text language sql as 'select a';
      create function g(x int) returns int language sql immutable return f(x) + 1; create table t (n int check (g(n) > 0)); create index t_g on t (g(n));
      create function h(x int) returns table (y int) language sql as 'select 1'; create procedure p(inout a int) language plpgsql as $$begin a := 1; end$$`,
    b: `create function f(b int, c int default 0) returns int language sql immutable as 'select b + c'; create function f(a text) returns text language sql strict as 'select a';
      create function g(x int) returns int language sql immutable return f(x) + 2; create table t (n int check (g(n) > 0)); create index t_g on t (g(n));
      create function h(x int) returns table (y int, z text) language sql as 'select 1, null::text'; create procedure p(inout a int, b int default 1) language plpgsql as $$begin a := b; end$$`,
    data: 'insert into t values (1), (2)',
  },
  {
    name: 'reserved and unusual names',
    a: `create schema "My ""S"; create type "My ""S"."enum" as enum ('it''s', 'b;c');
      create table "My ""S"."select" ("order" int primary key, "a b" varchar(5) default 'it''s', "Ünï;--" "My ""S"."enum", "UPPER" serial);
      create index "I ""x" on "My ""S"."select" ("a b"); create view "My ""S"."where" as select "order", "a b" from "My ""S"."select";
      create policy "p q" on "My ""S"."select" using ("order" > 1); comment on column "My ""S"."select"."a b" is 'a ''b'' -- c'`,
    b: `create schema "My ""S"; create type "My ""S"."enum" as enum ('it''s', 'b;c', '$$d');
      create table "My ""S"."select" ("order" bigint primary key, "a b" text default 'it''s;', "Ünï;--" "My ""S"."enum" default '$$d', "UPPER" int generated by default as identity,
        "group" int check ("group" > 0), unique ("group"));
      create index "I ""x" on "My ""S"."select" ("a b" desc); create view "My ""S"."where" as select "order", "a b" from "My ""S"."select";
      create policy "p q" on "My ""S"."select" using ("order" > 2); comment on column "My ""S"."select"."a b" is 'a ''b'' /* c';
      grant select ("a b") on "My ""S"."select" to pair_reader`,
    data: `insert into "My ""S"."select" ("order", "a b", "Ünï;--") values (1, 'x', 'b;c'), (2, null, null)`,
  },
  {
    name: 'extension moves to another schema',
    common: 'create schema ext',
    a: `create extension pg_trgm; create table x (t text); create index x_t on x using gin (t gin_trgm_ops)`,
    b: `create extension pg_trgm schema ext; create table x (t text); create index x_t on x using gin (t ext.gin_trgm_ops)`,
    data: `insert into x values ('abc')`,
  },
]
