-- \dt, \di and so on: relations of the kinds $1 whose schema and name match $2 and $3 (null: all), with system ones if $4.
-- Without a schema, only relations in the search path.
select
  n.nspname as "Schema",
  c.relname as "Name",
  case c.relkind
    when 'r' then 'table' when 'p' then 'partitioned table' when 'f' then 'foreign table' when 'v' then 'view'
    when 'm' then 'materialized view' when 'S' then 'sequence' when 'i' then 'index' when 'I' then 'partitioned index'
  end as "Type",
  pg_get_userbyid(c.relowner) as "Owner",
  t.relname as "Table",
  case c.relpersistence when 'p' then 'permanent' when 't' then 'temporary' when 'u' then 'unlogged' end as "Persistence",
  am.amname as "Access method",
  pg_size_pretty(pg_table_size(c.oid)) as "Size",
  obj_description(c.oid, 'pg_class') as "Description"
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_am am on am.oid = c.relam
left join pg_catalog.pg_index i on i.indexrelid = c.oid
left join pg_catalog.pg_class t on t.oid = i.indrelid
where c.relkind::text = any($1)
  and ($4 or n.nspname not in ('pg_catalog', 'information_schema')) and n.nspname !~ '^pg_toast'
  and case when $2::text is null then pg_table_is_visible(c.oid) else n.nspname ~ $2 end
  and ($3::text is null or c.relname ~ $3)
order by 1, 2
