import {pairRole} from './schema-pairs.js'

/** Every kind of object that the pairs do not have, said in words that mean the same on every server from 13 to 18. */
export const everyKind = `
create schema "Odd ""one"" 🐘";
comment on schema "Odd ""one"" 🐘" is 'Line one;
-- Name: fake; Type: TABLE; Schema: public; Owner: -
\\restrict mine
''quoted''';
create extension "uuid-ossp";
create extension pgcrypto schema "Odd ""one"" 🐘";
comment on extension pgcrypto is 'ours';
create type mood as enum ('glad', 'so so', 'it''s');
create type pair as (a int, b text collate "C");
create domain email as text default 'a@b' check (value like '%@%');
comment on type mood is 'mood';
comment on domain email is 'mail';
create collation plain from "C";
comment on collation plain is 'plain';
create table people (
  id int generated always as identity (start 10 increment 5),
  at date not null,
  mail email,
  mood mood default 'glad',
  shout text generated always as (upper(note)) stored,
  note text default E'it''s\\n\\\\',
  moods mood[],
  primary key (id)
);
comment on table people is 'people';
comment on column people.note is 'a note';
comment on constraint people_pkey on people is 'key';
comment on index people_pkey is 'index';
create table "; Type: TABLE; Schema: -
-- x" ("a
b" int, "q""q" text check ("q""q" <> ';'));
create table base (a int constraint positive check (a > 0));
create table heir (b text) inherits (base);
alter table heir alter a set default 3;
create sequence parts_n as int;
create table parts (at date, n bigint default nextval('parts_n'), note text) partition by range (at);
alter sequence parts_n owned by parts.n;
create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01') partition by list (n);
create table parts_2026_a partition of parts_2026 for values in (1, 2);
create table parts_2026_b partition of parts_2026 default;
create index on parts (at);
create unlogged table fleeting (a int) with (fillfactor = 50, autovacuum_enabled = off);
create access method heap2 type table handler heap_tableam_handler;
create table wide (a text, b int, c int) using heap2;
alter table wide alter a set storage external, alter b set statistics 17, alter c set (n_distinct = 5);
create statistics wide_stat (ndistinct, dependencies) on b, c from wide;
comment on statistics wide_stat is 'b and c';
create sequence counter as smallint minvalue -5 maxvalue 50 start 7 cycle;
comment on sequence counter is 'counts';
create function shout(a text, b int default 3, variadic c text[] default '{}') returns text language plpgsql stable strict
  security definer set search_path = pg_catalog cost 7 as $body$
begin
  return $q$it's
\\restrict abc
\\unrestrict cruddur
$q$;
end
$body$;
comment on function shout is 'shouts';
create procedure tidy(inout n int) language plpgsql as 'begin commit; end';
comment on procedure tidy is 'tidies';
create function mood_to_int(mood) returns int language sql immutable as 'select 1';
create cast (mood as int) with function mood_to_int as assignment;
comment on cast (mood as int) is 'cast';
create function near(int, int) returns bool language sql immutable as 'select abs($1 - $2) < 2';
create operator ~~~ (leftarg = int, rightarg = int, function = near, commutator = ~~~);
comment on operator ~~~ (int, int) is 'near';
create operator family numbers using btree;
create operator class numbers_desc for type int using btree family numbers as
  operator 1 >, operator 2 >=, operator 3 =, operator 4 <=, operator 5 <, function 1 btint4cmp(int, int);
create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0', combinefunc = int4pl, parallel = safe);
comment on aggregate total(int) is 'sum';
create view glad as select p.id, b.a from people p join base b on b.a = p.id where p.mood = 'glad';
comment on view glad is 'glad';
create materialized view counted as select count(*) as n from people p, base b with no data;
create rule quiet as on insert to glad do instead nothing;
comment on rule quiet on glad is 'quiet';
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touched before update of note on people for each row when (old.note is distinct from new.note)
  execute function touch();
comment on trigger touched on people is 'touched';
alter table people disable trigger touched;
create constraint trigger checked after insert on base deferrable initially deferred for each row execute function touch();
alter table people enable row level security, force row level security;
create policy own on people as restrictive for update to ${pairRole} using (note = 'x') with check (at > '2020-01-01');
comment on policy own on people is 'own';
create function on_ddl() returns event_trigger language plpgsql as 'begin end';
create event trigger ddl on ddl_command_end when tag in ('CREATE TABLE') execute function on_ddl();
comment on event trigger ddl is 'ddl';
create foreign data wrapper remote options (debug 'true');
create server far type 'x' version '1' foreign data wrapper remote options (host 'h;''q');
create user mapping for ${pairRole} server far options (user 'u');
create foreign table abroad (a int options (name 'A'), b text) server far options (t 'x');
comment on foreign table abroad is 'abroad';
create text search template simple2 (init = dsimple_init, lexize = dsimple_lexize);
create text search parser words (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
create text search dictionary plain (template = simple, accept = false);
create text search configuration mine (parser = words);
alter text search configuration mine add mapping for asciiword, word with plain, simple;
comment on text search configuration mine is 'mine';
create conversion latin for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1;
create publication few for table people, base with (publish = 'insert, update');
comment on publication few is 'some';
create table child (a int references people on delete set null deferrable, b int, unique (b) include (a),
  exclude using gist (box(point(a, a), point(b, b)) with &&));
alter table child add constraint later check (b > 1) not valid;
alter table child cluster on child_b_a_key;
alter table child alter b set not null;
create unique index child_b on child (b);
alter table child replica identity using index child_b;
`

/** What only later servers have, by the first version that has it. */
const newer: readonly [number, string][] = [
  [
    14,
    `create type reach as range (subtype = float8, subtype_diff = float8mi, multirange_type_name = reaches);
     create table reached (r reaches, c text compression pglz, b int);
     create function told(a int) returns int language sql begin atomic select a; end;
     create statistics told_stat on (b + 1), (c || 'x') from reached;`,
  ],
  [
    15,
    `create table distinct_nulls (a int unique nulls not distinct);
     create view asked with (security_invoker = true) as select a from base;
     create publication chosen for table base (a) where (a > 3);
     create publication whole for tables in schema "Odd ""one"" 🐘";
     create unlogged sequence quick;`,
  ],
  [16, `create collation ruled (provider = icu, locale = 'und', rules = '&a < b');`],
  [
    18,
    `create table strict_parts (at date not null, n bigserial) partition by range (at);
     create table strict_parts_1 partition of strict_parts default;
     create table virtual (a int, b int generated always as (a * 2), constraint always not null a);
     create table booked (room int4range, during tstzrange, primary key (room, during without overlaps));
     alter table booked add constraint lax check (not isempty(room)) not enforced;`,
  ],
]

/** Every kind of object that a server of this version has. */
export function everyKindOf(major: number): string {
  return (
    everyKind +
    newer
      .filter(([first]) => major >= first)
      .map(([, sql]) => sql)
      .join('\n')
  )
}
