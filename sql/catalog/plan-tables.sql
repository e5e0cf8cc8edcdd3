-- The tables and materialized views of users, with their sizes. Size functions wait for exclusive locks of others; without
-- $1 the sizes are those of the last VACUUM or ANALYZE, which wait for nothing.
select
  c.oid::int8::float8 as oid,
  n.nspname as schema,
  c.relname as name,
  (select i.inhparent::int8::float8 from pg_catalog.pg_inherits i where i.inhrelid = c.oid order by i.inhseqno limit 1) as parent,
  case when $1::bool then coalesce(pg_catalog.pg_total_relation_size(c.oid), 0) else (
    select coalesce(sum(part.relpages::int8), 0) * pg_catalog.current_setting('block_size')::int8
    from pg_catalog.pg_class part
    where part.oid in (c.oid, c.reltoastrelid)
      or part.oid in (select i.indexrelid from pg_catalog.pg_index i where i.indrelid in (c.oid, c.reltoastrelid))
  ) end::float8 as bytes,
  case when $1::bool then coalesce(pg_catalog.pg_relation_size(c.oid), 0) else c.relpages end::float8 as used,
  -- The estimate of a partitioned table is that of its partitions.
  case c.relkind when 'p' then 0
    else greatest(c.reltuples::float8, pg_catalog.pg_stat_get_live_tuples(c.oid)::float8, 0) end as rows
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't'
  and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
