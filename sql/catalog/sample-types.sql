-- The types of the columns of users' tables, and the types of which these consist.
with recursive used (oid) as (
  select a.atttypid
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
    and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
  union
  select part.oid
  from used
  join pg_catalog.pg_type t on t.oid = used.oid
  cross join lateral (
    select t.typbasetype
    union all
    select t.typelem where t.typcategory = 'A'
    union all
    select a.atttypid from pg_catalog.pg_attribute a
    where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    union all
    select r.rngsubtype from pg_catalog.pg_range r where t.oid in (r.rngtypid, r.rngmultitypid)
  ) as part (oid)
  where part.oid <> 0
)
select
  t.oid::int8::float8 as oid,
  t.typtype as kind,
  t.typcategory as category,
  t.typname as name,
  pg_catalog.format('%I.%I', n.nspname, t.typname) as sql,
  n.nspname = 'pg_catalog' as builtin,
  t.typbasetype::int8::float8 as base,
  t.typtypmod as modifier,
  t.typnotnull as "notNull",
  case when t.typcategory = 'A' then t.typelem::int8::float8 else 0 end as element,
  coalesce((
    select r.rngsubtype::int8::float8 from pg_catalog.pg_range r where t.oid in (r.rngtypid, r.rngmultitypid) limit 1
  ), 0) as subtype,
  (
    select coalesce(pg_catalog.jsonb_agg(e.enumlabel order by e.enumsortorder), '[]')
    from pg_catalog.pg_enum e where e.enumtypid = t.oid
  ) as labels,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.pg_get_constraintdef(k.oid) order by k.conname), '[]')
    from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype = 'c'
  ) as checks,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'type', a.atttypid::int8, 'modifier', a.atttypmod
    ) order by a.attnum), '[]')
    from pg_catalog.pg_attribute a
    where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  ) as attributes
from used
join pg_catalog.pg_type t on t.oid = used.oid
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
