-- Names for Tab completion: relations with their columns (JSON), and whether they are in the search path.
select
  n.nspname as "schema",
  c.relname as "name",
  pg_table_is_visible(c.oid) as "visible",
  to_json(array(
    select a.attname::text from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum
  ))::text as "columns"
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_(toast|temp)'
order by 1, 2
