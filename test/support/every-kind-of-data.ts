/** Statements that make a database with every kind of table and data, 15 tables with rows in it. */
export const everyKindOfData = String.raw`
  create schema "Odd ""one""";
  create type mood as enum ('glad', 'so so');
  create extension if not exists plpgsql;
  create table "Odd ""one"""."The table" (
    id int generated always as identity (start 1001) primary key,
    t int, "Weird ""col" mood, upper text generated always as (upper(t::text)) stored
  );
  insert into "Odd ""one"""."The table" (t, "Weird ""col") values (1, 'so so');
  create table texts (t text, c char(3), v varchar, n name);
  insert into texts (t) values (''), (null), (E'\\.'), (E'tab\tnl\ncr\r\\ \b\f\v'), ('\N'), ('😀 é'), (' x '), (repeat('é', 500000));
  create table numbers (f float8, n numeric, i bigint, m money);
  insert into numbers values ('NaN', 'NaN', 1, 1), ('Infinity', 1e100, -9223372036854775808, 2), (0.1::float8 + 0.2, 0.10, 0, 3);
  create table times (d date, t timestamptz, ts timestamp, i interval, z timetz);
  insert into times values ('infinity', '-infinity', '4713-01-01 BC', '1 year 2 mons -3 days 04:05:06.789', '01:02:03+04');
  create table others (j jsonb, x xml, a int[], aa text[][], b bytea, u uuid, r int4range, p point, bits bit varying, comp mood[]);
  insert into others values ('{"a": "\n\u00e9", "b": null}', '<a>&amp;</a>', '{1,NULL,3}', '{{a,"b,c"},{"\"",NULL}}', '\x00ff5c2e0a',
    '00000000-0000-0000-0000-000000000001', '[1,5)', '(1,2)', B'101', '{glad,"so so"}');
  create table nothing ();
  insert into nothing default values;
  insert into nothing default values;
  create table parts (id serial, at date not null, primary key (id, at)) partition by range (at);
  create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01');
  create table parts_rest partition of parts default;
  insert into parts (at) select '2025-06-01'::date + i from generate_series(1, 1000) i;
  create table parent (a int);
  create table child (b int) inherits (parent);
  insert into parent values (1);
  insert into child values (2, 3);
  create unlogged table logless as select 1 as a;
  create table b_first (id int primary key);
  create table self (id int primary key, up int references self);
  create table a_last (f int references b_first, s int references self);
  insert into b_first values (1), (2);
  insert into self values (1, null), (2, 1);
  insert into a_last values (1, 1), (2, 2);
  create table dropped (a int, gone int, b int);
  insert into dropped values (1, 2, 3);
  alter table dropped drop gone;
  create sequence called start 7;
  select nextval('called');
  create sequence fresh;
  create view seen as select * from parent;
  create materialized view counted as select count(*) from parts;
  create function touched() returns trigger language plpgsql as 'begin new.a = 99; return new; end';
  create trigger touched before insert on parent for each row execute function touched();
  alter table texts enable row level security;
  create policy none on texts using (false);
  select lo_from_bytea(4711, decode(repeat('00ff', 600000), 'hex'));
  select lo_create(4712);
  comment on large object 4712 is 'it''s empty';`
