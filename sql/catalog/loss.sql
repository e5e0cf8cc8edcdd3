-- The contents of the current database, shown before it is destroyed. $1: a session of our own, which is not listed.
select
  current_setting('server_version') as version,
  pg_database_size(current_database())::float8 as bytes,
  (
    select coalesce(jsonb_agg(t order by t.rows desc nulls last, t.name), '[]')
    from (
      select
        c.oid::regclass::text as name,
        -- A table that has pages but no estimate was never analyzed.
        case when c.relkind = 'r' then
          case when estimate > 0 then estimate when pg_catalog.pg_relation_size(c.oid) = 0 then 0 end
        else (
          select case when coalesce(bool_and(leaf_rows is not null), true) then coalesce(sum(leaf_rows), 0)::int8 end
          from pg_catalog.pg_partition_tree(c.oid) leaf
          join pg_catalog.pg_class part on part.oid = leaf.relid and part.relkind = 'r'
          cross join lateral (select greatest(part.reltuples::int8, pg_catalog.pg_stat_get_live_tuples(part.oid), 0) as estimate) as e
          cross join lateral (select case when e.estimate > 0 then e.estimate when pg_catalog.pg_relation_size(part.oid) = 0 then 0 end as leaf_rows) as counted
        ) end as rows
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      cross join lateral (select greatest(c.reltuples::int8, pg_catalog.pg_stat_get_live_tuples(c.oid), 0) as estimate) as own
      where c.relkind in ('r', 'p') and not c.relispartition
        and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
    ) as t
  ) as tables,
  (
    select coalesce(jsonb_agg(coalesce(nullif(application_name, ''), usename) order by 1), '[]')
    from pg_catalog.pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and pid is distinct from $1::int
  ) as connected
