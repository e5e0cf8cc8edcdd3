-- \d NAME of an index ($1 is its oid).
select
  a.attname as "Column",
  format_type(a.atttypid, a.atttypmod) as "Type",
  case when a.attnum <= i.indnkeyatts then 'yes' else 'no' end as "Key?",
  pg_get_indexdef(i.indexrelid, a.attnum, true) as "Definition"
from pg_catalog.pg_attribute a
join pg_catalog.pg_index i on i.indexrelid = a.attrelid
where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped
order by a.attnum
