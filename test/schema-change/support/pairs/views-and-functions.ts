import type {Pair} from '../pair.js'

export const viewPairs: readonly Pair[] = [
  {
    name: 'composite pk/unique/nulls not distinct',
    a: `create table x(a int, b int, c int, primary key (a), unique (b))`,
    b: `create table x(a int, b int, c int, primary key (a, b), constraint u unique nulls not distinct (c))`,
    data: `insert into x values (1, 1, 1), (2, 2, 2)`,
    skip: {14: 'NULLS NOT DISTINCT came with 15'},
  },
  {
    name: 'check change',
    a: `create table x(a int, constraint k check (a > 0))`,
    b: `create table x(a int, constraint k check (a >= 0), constraint k2 check (a < 100) not valid)`,
    data: `insert into x values (5), (6)`,
  },
  {
    name: 'exclusion constraint',
    a: `create table x(a int4range)`,
    b: `create table x(a int4range, exclude using gist (a with &&))`,
    data: `insert into x values ('[1,3)'), ('[3,5)')`,
  },
  {
    name: 'indexes: expression/partial/include/gin/desc',
    a: `create table x(a int, t text, j jsonb);
      create index i1 on x(a);
      create index i2 on x(t)`,
    b: `create table x(a int, t text, j jsonb);
      create index i1 on x(a desc nulls last) include (t);
      create index i2 on x(lower(t)) where a > 0;
      create index i3 on x using gin(j);
      create unique index i4 on x(a, coalesce(t, $$$$)) with (fillfactor=70)`,
    data: `insert into x values (1, 'a', '{}'), (2, null, null)`,
  },
  {
    name: 'view add column middle',
    a: `create table x(a int, b int, c int);
      create view v as select a, c from x;
      create view w as select a from v`,
    b: `create table x(a int, b int, c int);
      create view v as select a, b, c from x;
      create view w as select a from v`,
    data: `insert into x values (1, 2, 3)`,
  },
  {
    name: 'view options + check option',
    a: `create table x(a int);
      create view v as select a from x where a > 1`,
    b: `create table x(a int);
      create view v with (security_barrier, security_invoker) as select a from x where a > 1 with local check option`,
    data: `insert into x values (1), (2)`,
    skip: {14: 'security_invoker came with 15'},
  },
  {
    name: 'matview definition + index + comment',
    a: `create table x(a int, b int);
      create materialized view m as select a from x;
      create index mi on m(a);
      comment on materialized view m is $$q$$`,
    b: `create table x(a int, b int);
      create materialized view m as select a, b from x;
      create index mi on m(a);
      comment on materialized view m is $$q$$`,
    data: `insert into x values (1, 2); refresh materialized view m`,
  },
  {
    name: 'function body/volatility',
    a: `create function f(a int) returns int language sql as 'select a'`,
    b: `create function f(a int) returns int language sql immutable strict parallel safe as 'select a+1'`,
  },
  {
    name: 'function return type used by view',
    a: `create function f(a int) returns int language sql as 'select a';
      create view v as select f(1) as q`,
    b: `create function f(a int) returns bigint language sql as 'select a::bigint';
      create view v as select f(1) as q`,
  },
  {
    name: 'function used by default/check/index',
    a: `create function f(a int) returns int language sql immutable as 'select a';
      create table x(a int default f(1), check (f(a) > 0));
      create index xi on x(f(a))`,
    b: `create function f(a int) returns int language sql immutable as 'select a+0';
      create table x(a int default f(1), check (f(a) > 0));
      create index xi on x(f(a))`,
    data: `insert into x values (1), (2)`,
  },
  {
    name: 'plpgsql + trigger change',
    a: `create table x(a int);
      create function t() returns trigger language plpgsql as $$begin return new; end$$;
      create trigger tr before insert on x for each row execute function t()`,
    b: `create table x(a int);
      create function t() returns trigger language plpgsql as $$begin new.a := 1; return new; end$$;
      create trigger tr after insert or update of a on x for each row when (new.a > 1) execute function t()`,
    data: `insert into x values (5), (6)`,
  },
  {
    name: 'procedure, aggregate, variadic, out params',
    a: ``,
    b: `create procedure p(x int) language plpgsql as $$begin perform x; end$$;
      create aggregate s(int) (sfunc=int4pl, stype=int, initcond='0');
      create function vf(variadic a int[]) returns int language sql as 'select a[1]';
      create function o(out x int, out y text) language sql as 'select 1, $$q$$::text'`,
  },
]
