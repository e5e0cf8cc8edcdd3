import type {Pair} from '../pair.js'

export const namePairs: readonly Pair[] = [
  {
    name: 'table move schema',
    a: `create schema n;
      create table x(a int)`,
    b: `create schema n;
      create table n.x(a int)`,
    data: {a: `insert into x values (1), (2)`, b: `insert into n.x values (1), (2)`},
    there: {rename: ['x:n.x']},
    back: {rename: ['n.x:x']},
  },
  {
    name: 'column rename',
    a: `create table x(a int, old_name text)`,
    b: `create table x(a int, new_name text)`,
    data: `insert into x values (1, 'keep'), (2, null)`,
    there: {rename: ['x.old_name:x.new_name']},
    back: {rename: ['x.new_name:x.old_name']},
  },
  {
    name: 'table rename',
    a: `create table oldx(a int primary key, t text)`,
    b: `create table newx(a int primary key, t text)`,
    data: {a: `insert into oldx values (1, 'keep')`, b: `insert into newx values (1, 'keep')`},
    there: {rename: ['oldx:newx']},
    back: {rename: ['newx:oldx']},
  },
  {
    name: 'quoted/weird names',
    a: ``,
    b: `create schema "A b";
      create table "A b"."T;""x"("select" int primary key, "Ünï" text default $$it's$$);
      create index "I x" on "A b"."T;""x"("Ünï");
      create type "A b"."E" as enum ('it''s', '"')`,
    data: {a: ``, b: `insert into "A b"."T;""x" values (1)`},
  },
  {
    name: 'replica identity, cluster',
    a: `create table x(a int primary key)`,
    b: `create table x(a int primary key);
      alter table x replica identity full;
      alter table x cluster on x_pkey`,
    data: `insert into x values (1), (2)`,
  },
  {
    name: 'extended statistics',
    a: `create table x(a int, b int)`,
    b: `create table x(a int, b int);
      create statistics st on a, b from x`,
    data: `insert into x values (1, 2), (2, 3)`,
  },
  {
    name: 'rules',
    a: `create table x(a int)`,
    b: `create table x(a int);
      create rule r as on delete to x do instead nothing`,
    data: `insert into x values (1), (2)`,
  },
  {
    name: 'range type, collation, operator, cast, ts config',
    a: ``,
    b: `create type r as range (subtype=int);
      create collation de (provider=icu, locale='de');
      create text search configuration tc (copy = english);
      create function addx(int,int) returns int language sql immutable as 'select $1+$2';
      create operator @@+@@ (leftarg=int, rightarg=int, function=addx)`,
  },
  {
    name: 'publication',
    a: `create table x(a int primary key)`,
    b: `create table x(a int primary key);
      create publication pair_pub for table x`,
    data: `insert into x values (1), (2)`,
  },
  {
    name: 'owner change',
    a: `create table x(a int);
      create view v as select 1 as a`,
    b: `create table x(a int);
      alter table x owner to pair_reader;
      create view v as select 1 as a;
      alter view v owner to pair_reader`,
    data: `insert into x values (1), (2)`,
  },
  {
    name: 'column order differs',
    a: `create table x(a int, b int)`,
    b: `create table x(b int, a int)`,
    data: {a: `insert into x values (1, 2)`, b: `insert into x values (2, 1)`},
  },
  {
    name: 'not null on filled nullable (needs backfill)',
    a: `create table x(a int, b text)`,
    b: `create table x(a int, b text not null)`,
    data: {a: `insert into x values (1, null)`, b: `insert into x values (1, 'q')`},
    there: {
      expected: {applied: '23514', differs: ['check constraint b_is_set on public.x left over'], undone: 'not tried'},
    },
  },
  {
    name: 'add not-null column without default, rows',
    a: `create table x(a int)`,
    b: `create table x(a int, b text not null)`,
    data: {a: `insert into x values (1)`, b: `insert into x values (1, 'q')`},
    there: {
      expected: {
        open: [
          'up: The rows of public.x need a value in the new column b, which takes no NULL. Complete the UPDATE in the file.',
        ],
        differs: ['table public.x differs'],
      },
    },
    back: {
      expected: {
        open: [
          'down: The rows of public.x need a value in the new column b, which takes no NULL. Complete the UPDATE in the file.',
        ],
        differsBack: ['table public.x differs'],
      },
    },
  },
  {
    name: 'add unique with duplicate rows',
    a: `create table x(a int)`,
    b: `create table x(a int unique)`,
    data: {a: `insert into x values (1), (1)`, b: `insert into x values (1), (2)`},
    there: {expected: {applied: '23505', undone: 'not tried'}},
  },
]
