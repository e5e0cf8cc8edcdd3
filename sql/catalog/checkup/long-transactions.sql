-- Transactions that are open for over five minutes, in seconds: VACUUM keeps what they could see
-- (https://www.postgresql.org/docs/current/routine-vacuuming.html). The times of other roles need pg_monitor.
select
  'pid ' || pid || coalesce(' (' || usename || case when state ~ 'idle' then ', idle' else '' end || ')', '') as name,
  extract(epoch from now() - xact_start)::float8 as value
from pg_catalog.pg_stat_activity
where xact_start < now() - interval '5 minutes' and backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid()
order by xact_start
