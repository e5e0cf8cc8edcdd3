import {everywhere, type Pair} from '../pair.js'

export const harderTypePairs: readonly Pair[] = [
  {
    name: 'enum of another schema in arrays, defaults, checks, indexes, functions, views',
    common: 'create schema s',
    a: `create type s.mood as enum ('sad', 'ok', 'happy');
      create table x (m s.mood default 'ok', ms s.mood[] not null default '{sad,ok}', check (m <> 'happy'));
      create index x_m on x (m) where m = 'sad'; create view v as select m, ms from x where m > 'sad';
      create function f(s.mood, s.mood[] default '{}') returns s.mood language sql immutable as 'select $1'`,
    b: `create type s.mood as enum ('ok', 'sad', 'new', 'happy');
      create table x (m s.mood default 'new', ms s.mood[] not null default '{new,ok}', check (m <> 'happy' and m <> 'new'));
      create index x_m on x (m) where m = 'new'; create view v as select m, ms from x where m > 'sad';
      create function f(s.mood, s.mood[] default '{}') returns s.mood language sql immutable as 'select $1'`,
    data: `insert into x values ('ok', '{sad,ok}'), (null, '{}')`,
  },
  {
    name: 'enum loses a value that rows have',
    a: `create type e as enum ('a', 'b'); create table x (id int, e e not null)`,
    b: `create type e as enum ('a'); create table x (id int, e e not null)`,
    data: {a: `insert into x values (1, 'a'), (2, 'b')`, b: `insert into x values (1, 'a')`},
    there: {expected: {applied: '22P02', undone: 'not tried'}},
  },
  {
    name: 'enum in a partition key, a domain, a composite and a range of rows',
    a: `create type e as enum ('a', 'b'); create domain de as e check (value <> 'b'); create type ce as (e e, n int);
      create table x (e e not null, d de, c ce) partition by list (e);
      create table xa partition of x for values in ('a'); create table xb partition of x for values in ('b')`,
    b: `create type e as enum ('a', 'b', 'c'); create domain de as e check (value <> 'b'); create type ce as (e e, n int);
      create table x (e e not null, d de, c ce) partition by list (e);
      create table xa partition of x for values in ('a'); create table xb partition of x for values in ('b');
      create table xc partition of x for values in ('c')`,
    data: `insert into x values ('a', 'a', '(a,1)'), ('b', null, null)`,
    there: {
      fault: 'is named and not made',
      expected: {
        open: ['down: Not as wanted: type public.e. What it is (-) and what is wanted (+):'],
        undone: 'migration_without_down',
        differsBack: ['type public.e differs', 'table public.xc left over', 'table attach public.xc left over'],
      },
    },
    back: {
      fault: 'is named and not made',
      expected: {
        open: [
          'up: Not as wanted: type public.e. What it is (-) and what is wanted (+):',
          'up: Left over: table public.xc.',
          'up: Left over: table attach public.xc.',
        ],
        differs: ['type public.e differs', 'table public.xc left over', 'table attach public.xc left over'],
      },
    },
  },
  {
    name: 'text becomes an enum, with default, index and check',
    a: `create table x (id int primary key, s text not null default 'a', constraint k check (s in ('a', 'b'))); create index x_s on x (s)`,
    b: `create type e as enum ('a', 'b'); create table x (id int primary key, s e not null default 'a'); create index x_s on x (s)`,
    data: `insert into x values (1, 'a'), (2, 'b')`,
  },
  {
    name: 'domain with checks in tables, arrays and views',
    a: `create domain pos as int check (value > 0); create domain more as pos check (value < 100);
      create table x (a pos, b pos[], c more default 5); create table y (a pos not null);
      create view v as select a, c from x; create view w as select v.a, y.a as other from v join y using (a)`,
    b: `create domain pos as bigint check (value >= 0) default 1; create domain more as pos check (value < 1000);
      create table x (a pos, b pos[], c more default 6); create table y (a pos not null);
      create view v as select a, c from x; create view w as select v.a, y.a as other from v join y using (a)`,
    data: `insert into x values (1, '{1,2}', 5), (null, null, null); insert into y values (1)`,
  },
  {
    name: 'domain: other checks, default, NOT NULL',
    a: `create domain d as text check (value <> '') default 'a'; create table x (a d)`,
    b: `create domain d as text constraint long check (length(value) > 2) not null default 'abc'; create table x (a d)`,
    data: `insert into x values ('abcd'), ('xyz')`,
  },
  {
    name: 'composite types: attributes, in tables, arrays and functions',
    a: `create type addr as (street text, zip int); create table x (a addr, list addr[]);
      create function f(addr) returns int language sql as 'select ($1).zip'; create view v as select (a).street from x`,
    b: `create type addr as (street text, zip text, city text); create table x (a addr, list addr[]);
      create function f(addr) returns text language sql as 'select ($1).zip'; create view v as select (a).street from x`,
    data: {
      a: `insert into x values ('(s,1)', '{"(s,2)"}'), (null, null)`,
      b: `insert into x values ('(s,1,c)', '{"(s,2,c)"}'), (null, null)`,
    },
    there: {
      fault: 'is named and not made',
      expected: {
        open: ['up: Not as wanted: type public.addr. What it is (-) and what is wanted (+):'],
        differs: ['type public.addr differs'],
      },
    },
    back: {
      fault: 'is named and not made',
      expected: {
        open: [
          'up: Not as wanted: type public.addr. What it is (-) and what is wanted (+):',
          'up: Missing: function public.f(public.addr).',
        ],
        differs: ['type public.addr differs', 'function public.f(public.addr) missing'],
      },
    },
  },
  {
    name: 'types: composite gets an attribute that nothing uses yet',
    a: `create type addr as (street text); create function f(addr) returns text language sql as 'select ($1).street'`,
    b: `create type addr as (street text, zip text); create function f(addr) returns text language sql as 'select ($1).street'`,
  },
  {
    name: 'casts, operators, operator classes',
    common: `create type cash as (amount int); create table x (a int, c cash)`,
    a: `create function to_int(cash) returns int language sql immutable as 'select ($1).amount';
      create cast (cash as int) with function to_int(cash)`,
    b: `create function to_int(cash) returns int language sql immutable as 'select ($1).amount';
      create cast (cash as int) with function to_int(cash) as assignment;
      create function down_lt(int, int) returns boolean language sql immutable as 'select $1 > $2';
      create operator <<<< (leftarg = int, rightarg = int, function = down_lt);
      create function down_cmp(int, int) returns int language sql immutable as 'select btint4cmp($2, $1)';
      create operator class down_ops for type int using btree as operator 1 > , operator 3 =, operator 5 <, function 1 down_cmp(int, int)`,
    data: `insert into x values (1, '(1)')`,
  },
  {
    name: 'operator class that an index uses',
    common: 'create table x (a int)',
    a: `create operator class ops for type int using btree as operator 1 <, operator 3 =, operator 5 >, function 1 btint4cmp(int, int);
      create index x_a on x (a ops)`,
    b: 'create index x_a on x (a)',
    data: 'insert into x values (1)',
    skip: everywhere('fault: a TypeError, because what is dropped first is used by others'),
  },
  {
    name: 'types of columns, with defaults that follow',
    a: `create table x (id int, flag boolean default false, at timestamp default now(), j json default '{}', n int default 1,
        price numeric(10, 2), code char(5), tags text, ip text)`,
    b: `create table x (id int, flag int default 0, at timestamptz default now(), j jsonb default '{}', n text default '1',
        price double precision, code varchar(5), tags varchar(40), ip text)`,
    data: {
      a: `insert into x values (1, true, '2024-01-01 12:00', '{"a":1}', 7, 1.25, 'abcde', 't', '1.1.1.1'); insert into x (id) values (2)`,
      b: `insert into x values (1, 1, '2024-01-01 12:00+00', '{"a":1}', '7', 1.25, 'abcde', 't', '1.1.1.1'); insert into x (id) values (2)`,
    },
    there: {expected: {lostBack: ['x.j: 1 value lost or changed']}},
    back: {
      expected: {
        open: [
          'up: invalid input syntax for type integer: "" (SQLSTATE 22P02)',
          'up: Not as wanted: table public.x. What it is (-) and what is wanted (+):',
        ],
        differs: ['table public.x differs'],
      },
    },
  },
  {
    name: 'a narrower type that rows do not fit',
    a: `create table x (id int, code varchar(10), n bigint)`,
    b: `create table x (id int, code varchar(3), n int)`,
    data: {a: `insert into x values (1, 'abcdef', 5000000000)`, b: `insert into x values (1, 'abc', 5)`},
    there: {expected: {applied: '22003', undone: 'not tried'}},
  },
]
