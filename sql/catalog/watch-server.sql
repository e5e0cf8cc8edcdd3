-- The header of the live view: counters of the whole server, of which the view shows the change. On a replica some do not
-- exist. A role that may not see the replicas gets null.
select
  pg_catalog.current_setting('max_connections')::int as max_connections,
  pg_catalog.current_setting('server_version') as version,
  pg_catalog.sum(xact_commit)::float8 as commits,
  pg_catalog.sum(xact_rollback)::float8 as rollbacks,
  pg_catalog.sum(blks_hit)::float8 as hits,
  pg_catalog.sum(blks_read)::float8 as reads,
  pg_catalog.to_char(pg_catalog.clock_timestamp(), 'HH24:MI:SS') as clock,
  extract(epoch from pg_catalog.clock_timestamp())::float8 as seconds,
  case when pg_catalog.pg_is_in_recovery()
    then extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::float8
  end as replay_seconds,
  case when not pg_catalog.pg_is_in_recovery()
    then (select pg_catalog.max(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn))::float8 from pg_catalog.pg_stat_replication)
  end as lag_bytes
from pg_catalog.pg_stat_database
