-- \l: databases whose name matches $2 (null: all). $1, the schema, must be null.
select
  d.datname as "Name",
  pg_get_userbyid(d.datdba) as "Owner",
  pg_encoding_to_char(d.encoding) as "Encoding",
  d.datcollate as "Collate",
  d.datctype as "Ctype",
  array_to_string(d.datacl, e'\n') as "Access privileges"
from pg_catalog.pg_database d
where $1::text is null and ($2::text is null or d.datname ~ $2)
order by 1
