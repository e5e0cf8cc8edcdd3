-- What the current database holds: for the question that is asked before it is destroyed. $1: a session of our own.
select
  current_setting('server_version') as version,
  pg_database_size(current_database())::float8 as bytes,
  (
    select coalesce(jsonb_agg(t order by t.rows desc, t.name), '[]')
    from (
      select
        c.oid::regclass::text as name,
        greatest(c.reltuples::int8, pg_stat_get_live_tuples(c.oid), 0) as rows
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition
        and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
    ) as t
  ) as tables,
  (
    select coalesce(jsonb_agg(coalesce(nullif(application_name, ''), usename) order by 1), '[]')
    from pg_catalog.pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and pid is distinct from $1::int
  ) as connected
