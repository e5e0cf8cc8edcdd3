-- \l: databases whose name matches $2 (null: all). $1, the schema, must be null. $3 has no meaning.
select
  d.datname as "Name",
  pg_get_userbyid(d.datdba) as "Owner",
  pg_encoding_to_char(d.encoding) as "Encoding",
  d.datcollate as "Collate",
  d.datctype as "Ctype",
  array_to_string(d.datacl, e'\n') as "Access privileges",
  case when has_database_privilege(d.oid, 'connect') then pg_size_pretty(pg_database_size(d.oid)) else 'No Access' end as "Size",
  t.spcname as "Tablespace",
  shobj_description(d.oid, 'pg_database') as "Description"
from pg_catalog.pg_database d
join pg_catalog.pg_tablespace t on t.oid = d.dattablespace
where $1::text is null and ($2::text is null or d.datname ~ $2) and $3::boolean is not null
order by 1
