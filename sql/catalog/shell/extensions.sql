-- \dx: installed extensions whose name matches $2 (null: all). $1, the schema, must be null. $3 has no meaning.
select
  e.extname as "Name",
  e.extversion as "Version",
  n.nspname as "Schema",
  obj_description(e.oid, 'pg_extension') as "Description"
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where $1::text is null and ($2::text is null or e.extname ~ $2) and $3::boolean is not null
order by 1
