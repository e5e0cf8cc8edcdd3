-- \dT: types whose schema and name match $1 and $2 (null: all except system types, unless $3); not those of tables and arrays.
select
  n.nspname as "Schema",
  format_type(t.oid, null) as "Name",
  t.typname as "Internal name",
  case when t.typrelid <> 0 then 'tuple' when t.typlen < 0 then 'var' else t.typlen::text end as "Size",
  array_to_string(array(
    select e.enumlabel from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder
  ), e'\n') as "Elements",
  pg_get_userbyid(t.typowner) as "Owner",
  array_to_string(t.typacl, e'\n') as "Access privileges",
  obj_description(t.oid, 'pg_type') as "Description"
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where (t.typrelid = 0 or (select c.relkind = 'c' from pg_catalog.pg_class c where c.oid = t.typrelid))
  and not exists (select from pg_catalog.pg_type e where e.oid = t.typelem and e.typarray = t.oid)
  and case when $1::text is null then pg_type_is_visible(t.oid) else n.nspname ~ $1 end
  and ($3 or n.nspname not in ('pg_catalog', 'information_schema'))
  and ($2::text is null or t.typname ~ $2 or format_type(t.oid, null) ~ $2)
order by 1, 2
