-- The table for which the session $1 waits, and the sessions for which it waits. A prepared transaction has no session.
with blocking as (select unnest(pg_catalog.pg_blocking_pids($1)) as pid)
select
  (
    select l.relation::pg_catalog.regclass::text
    from pg_catalog.pg_locks l
    where l.pid = $1 and not l.granted and l.relation is not null
    limit 1
  ) as relation,
  coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'pid', b.pid,
    'application', case
      when b.pid = 0 then 'a prepared transaction'
      when a.backend_type <> 'client backend' then a.backend_type
      else coalesce(nullif(a.application_name, ''), a.usename)
    end,
    'state', coalesce(a.state, 'unknown'),
    'seconds', extract(epoch from pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.backend_start))::float8
  ) order by a.xact_start), '[]') as holders
from blocking b left join pg_catalog.pg_stat_activity a on a.pid = b.pid
