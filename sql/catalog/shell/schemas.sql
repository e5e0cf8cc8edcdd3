-- \dn: schemas whose name matches $2 (null: all except system schemas, unless $3).
select
  n.nspname as "Name",
  pg_get_userbyid(n.nspowner) as "Owner",
  array_to_string(n.nspacl, e'\n') as "Access privileges",
  obj_description(n.oid, 'pg_namespace') as "Description"
from pg_catalog.pg_namespace n
where $1::text is null
  and ($3 or n.nspname !~ '^pg_' and n.nspname <> 'information_schema') and ($2::text is null or n.nspname ~ $2)
order by 1
