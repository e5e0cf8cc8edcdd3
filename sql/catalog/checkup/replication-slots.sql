-- How many bytes of WAL the server keeps for a replication slot
-- (https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS).
select
  slot_name || case when active then '' else ' (inactive)' end as name,
  pg_wal_lsn_diff(
    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn
  )::float8 as value
from pg_catalog.pg_replication_slots
where restart_lsn is not null
order by 2 desc
