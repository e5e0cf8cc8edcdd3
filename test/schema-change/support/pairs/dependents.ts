import {everywhere, type Pair} from '../pair.js'

const shop = (
  users: string,
  schema = '',
): string => `create table ${schema}${users} (id serial primary key, email text not null, boss int);
      alter table ${schema}${users} add constraint ${users}_email unique (email);
      alter table ${schema}${users} add constraint ${users}_boss foreign key (boss) references ${schema}${users};
      create table posts (id int primary key, author int not null references ${schema}${users} on delete cascade);
      create index ${users}_lower on ${schema}${users} (lower(email));
      create view mails as select id, email from ${schema}${users};
      create function seen() returns trigger language plpgsql as $$begin return new; end$$;
      create trigger seen before update on ${schema}${users} for each row execute function seen();
      alter table ${schema}${users} enable row level security; create policy own on ${schema}${users} using (email = current_user);
      grant select on ${schema}${users} to pair_reader; comment on column ${schema}${users}.email is 'mail'`

const shopRows = (users: string): string =>
  `insert into ${users} (email, boss) values ('a', null), ('b', 1); insert into posts values (1, 2)`

const person = (name: string): string => `create table people (id int primary key, ${name} text not null, age int,
        upper_name text generated always as (upper(${name})) stored, constraint short check (length(${name}) < 50));
      create index people_lower on people (lower(${name})) where age > 1;
      create unique index people_${name} on people (${name});
      create view adults as select id, ${name} from people where age > 17;
      create table pets (owner text references people (${name}) on update cascade);
      create function told() returns trigger language plpgsql as $$begin return new; end$$;
      create trigger told after update of ${name} on people for each row when (old.${name} <> new.${name}) execute function told();
      create policy own on people using (${name} = current_user); grant select (${name}) on people to pair_reader;
      comment on column people.${name} is 'who'; create statistics people_st on ${name}, age from people`

export const dependentPairs: readonly Pair[] = [
  {
    name: 'renamed: table with dependents',
    a: shop('users'),
    b: shop('accounts'),
    data: {a: shopRows('users'), b: shopRows('accounts')},
    there: {rename: ['users:accounts'], shows: ['select id, email, boss from accounts order by 1', '1 a null\n2 b 1']},
    back: {rename: ['accounts:users']},
  },
  {
    name: 'moved: table with dependents to another schema',
    common: 'create schema n',
    a: shop('users'),
    b: shop('users', 'n.'),
    data: {a: shopRows('users'), b: shopRows('n.users')},
    there: {rename: ['users:n.users']},
    back: {rename: ['n.users:users']},
  },
  {
    name: 'moved and renamed: table, to a schema that is new',
    a: `create table t (id int generated always as identity primary key, v text); create index t_v on t (v)`,
    b: `create schema n; create table n.u (id int generated always as identity primary key, v text); create index u_v on n.u (v)`,
    data: {a: `insert into t (v) values ('a'), ('b')`, b: `insert into n.u (v) values ('a'), ('b')`},
    there: {rename: ['t:n.u'], shows: ['select * from n.u order by 1', '1 a\n2 b']},
    back: {rename: ['n.u:t']},
    skip: everywhere('fault: a TypeError, because the way back does not make the schema again'),
  },
  {
    name: 'renamed: column with dependents',
    a: person('name'),
    b: person('full_name'),
    data: {
      a: `insert into people (id, name, age) values (1, 'ann', 30), (2, 'bob', 3); insert into pets values ('ann')`,
      b: `insert into people (id, full_name, age) values (1, 'ann', 30), (2, 'bob', 3); insert into pets values ('ann')`,
    },
    there: {
      rename: ['people.name:people.full_name'],
      shows: ['select id, full_name, upper_name from people order by 1', '1 ann ANN\n2 bob BOB'],
    },
    back: {rename: ['people.full_name:people.name']},
  },
  {
    name: 'renamed: column with another type, default and NOT NULL',
    a: `create table x (id int, old int default 1); create index x_old on x (old)`,
    b: `create table x (id int, new bigint not null default 2); create index x_new on x (new)`,
    data: {a: `insert into x values (1, 5), (2, 6)`, b: `insert into x values (1, 5), (2, 6)`},
    there: {rename: ['x.old:x.new'], shows: ['select id, new from x order by 1', '1 5\n2 6']},
    back: {rename: ['x.new:x.old']},
  },
  {
    name: 'renamed: table and two of its columns',
    a: `create table old (id int primary key, a text, b text); create view v as select a, b from old`,
    b: `create table now (id int primary key, x text, y text); create view v as select x as a, y as b from now`,
    data: {a: `insert into old values (1, 'a', 'b')`, b: `insert into now values (1, 'a', 'b')`},
    there: {rename: ['old:now', 'old.a:now.x', 'old.b:now.y'], shows: ['select * from now', '1 a b']},
    back: {rename: ['now:old', 'now.x:old.a', 'now.y:old.b']},
  },
  {
    name: 'kept: a table and a column that the new schema does not have',
    a: `create table x (id int primary key, c int, b text); create table gone (id int primary key, x int references x)`,
    b: `create table x (id int primary key, c int, extra text)`,
    data: {
      a: `insert into x values (1, 2, 'b'); insert into gone values (1, 1)`,
      b: `insert into x values (1, 2, 'e')`,
    },
    there: {
      expected: {
        differs: [
          'table public.gone left over',
          'constraint gone_pkey on public.gone left over',
          'fk constraint gone_x_fkey on public.gone left over',
          'table public.x differs',
        ],
      },
      keep: ['x.b', 'gone'],
      shows: ['select x.id, x.b, gone.x from x join gone on gone.x = x.id', '1 b 1'],
    },
    back: {expected: {differs: ['table public.x differs']}, keep: ['x.extra']},
  },
  {
    name: 'rebuilt: a new column in the middle, with dependents',
    a: `create table x (id int generated by default as identity primary key, name text not null unique, n int check (n > 0));
      create index x_n on x (n); create table r (x int references x, name text references x (name)); create view v as select id, n from x;
      create function tf() returns trigger language plpgsql as $$begin return new; end$$;
      create trigger tr before insert on x for each row execute function tf();
      alter table x enable row level security; create policy po on x using (n > 1);
      grant select on x to pair_reader; grant update (n) on x to pair_writer; comment on column x.n is 'n'; alter table x alter n set statistics 9`,
    b: `create table x (id int generated by default as identity primary key, middle text default 'm', name text not null unique, n int check (n > 0));
      create index x_n on x (n); create table r (x int references x, name text references x (name)); create view v as select id, n from x;
      create function tf() returns trigger language plpgsql as $$begin return new; end$$;
      create trigger tr before insert on x for each row execute function tf();
      alter table x enable row level security; create policy po on x using (n > 1);
      grant select on x to pair_reader; grant update (n) on x to pair_writer; comment on column x.n is 'n'; alter table x alter n set statistics 9`,
    data: `insert into x (name, n) values ('a', 1), ('b', 2); insert into r values (1, 'b')`,
    there: {rebuild: ['x'], shows: ['select id, middle, name, n from x order by 1', '1 m a 1\n2 m b 2']},
    back: {expected: {differsBack: ['table public.x differs']}},
  },
  {
    name: 'foreign keys: cycle with other types',
    a: `create table a (id int primary key, b int); create table b (id int primary key, a int references a);
      alter table a add constraint a_b foreign key (b) references b`,
    b: `create table a (id bigint primary key, b bigint); create table b (id bigint primary key, a bigint references a);
      alter table a add constraint a_b foreign key (b) references b deferrable initially deferred`,
    data: `insert into a values (1, null); insert into b values (1, 1); update a set b = 1`,
  },
  {
    name: 'foreign keys: of itself, composite, MATCH FULL, NOT VALID',
    a: `create table p (a int, b int, c int, primary key (a, b)); create table x (id int primary key, up int, a int, b int);
      alter table x add constraint k foreign key (a, b) references p`,
    b: `create table p (a int, b int, c int unique, primary key (a, b)); create table x (id int primary key, up int references x, a int, b int);
      alter table x add constraint k foreign key (a, b) references p match full on update cascade;
      alter table x add constraint n foreign key (id) references p (c) not valid`,
    data: `insert into p values (1, 1, 1), (2, 2, 2); insert into x values (1, 1, 1, 1), (2, 1, null, null)`,
  },
  {
    name: 'constraints that rows do not meet',
    a: `create table p (id int primary key); create table x (id int, p int, n int)`,
    b: `create table p (id int primary key); create table x (id int, p int references p, n int, constraint positive check (n > 0))`,
    data: {
      a: `insert into p values (1); insert into x values (1, 7, -1)`,
      b: `insert into p values (1); insert into x values (1, 1, 1)`,
    },
    there: {
      expected: {
        applied: '23514',
        differs: ['check constraint positive on public.x left over', 'fk constraint x_p_fkey on public.x left over'],
        undone: 'not tried',
      },
    },
  },
]
