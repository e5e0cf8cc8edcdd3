-- The server's backends, raw; $1: so many characters of each query. A new session spends its time on each function, view
-- and cast that it meets for the first time, not on rows: names, addresses and times are made of this by
-- src/lib/postgres/session-rows.ts. timestamptz_send is microseconds, whatever DateStyle, TimeZone and
-- extra_float_digits are.
select
  pid,
  datid,
  usesysid,
  pg_catalog.pg_get_userbyid(usesysid) as usename,
  client_addr,
  client_port,
  application_name,
  state,
  pg_catalog.timestamptz_send(backend_start) as backend_start,
  pg_catalog.timestamptz_send(xact_start) as xact_start,
  pg_catalog.timestamptz_send(state_change) as state_change,
  pg_catalog.timestamptz_send(pg_catalog.clock_timestamp()) as now,
  wait_event_type,
  wait_event,
  pg_catalog.left(query, $1) as query,
  backend_type,
  pg_catalog.pg_backend_pid() as own_pid
from pg_catalog.pg_stat_get_activity(null)
