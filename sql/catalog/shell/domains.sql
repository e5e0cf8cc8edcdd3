-- \dD: domains whose schema and name match $1 and $2 (null: all except system domains, unless $3).
select
  n.nspname as "Schema",
  t.typname as "Name",
  format_type(t.typbasetype, t.typtypmod) as "Type",
  (
    select c.collname from pg_catalog.pg_collation c, pg_catalog.pg_type b
    where c.oid = t.typcollation and b.oid = t.typbasetype and t.typcollation <> b.typcollation
  ) as "Collation",
  case when t.typnotnull then 'not null' end as "Nullable",
  t.typdefault as "Default",
  array_to_string(array(
    select pg_get_constraintdef(r.oid, true) from pg_catalog.pg_constraint r
    where t.oid = r.contypid and r.contype = 'c' order by r.conname
  ), ' ') as "Check",
  array_to_string(t.typacl, e'\n') as "Access privileges",
  obj_description(t.oid, 'pg_type') as "Description"
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'd'
  and case when $1::text is null then pg_type_is_visible(t.oid) else n.nspname ~ $1 end
  and ($3 or n.nspname not in ('pg_catalog', 'information_schema'))
  and ($2::text is null or t.typname ~ $2)
order by 1, 2
