-- The facts that doctor shows about a database, in one round trip.
select
  current_setting('server_version') as version,
  pg_is_in_recovery() as standby,
  pg_database_size(current_database())::float8 as bytes,
  (select shobj_description(oid, 'pg_database') from pg_catalog.pg_database where datname = current_database()) as comment,
  array(
    select case when n.nspname = 'public' then c.relname::text else n.nspname || '.' || c.relname end
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    order by 1
  ) as tables,
  current_setting('max_connections')::int as connections,
  least(
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - (select sum(numbackends) from pg_catalog.pg_stat_database),
    (select case when d.datconnlimit < 0 then null else d.datconnlimit - s.numbackends end
     from pg_catalog.pg_database d join pg_catalog.pg_stat_database s on s.datid = d.oid where d.datname = current_database())
  )::int as free
