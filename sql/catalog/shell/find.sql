-- \d NAME: the relations whose schema and name match $1 and $2 (null: all).
select
  c.oid::text as oid,
  n.nspname as schema,
  c.relname as name,
  c.relkind::text as kind,
  c.relpersistence = 'u' as unlogged
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where case when $1::text is null then pg_table_is_visible(c.oid) else n.nspname ~ $1 end
  and ($2::text is null or c.relname ~ $2)
order by 2, 3
