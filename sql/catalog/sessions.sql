-- The server's backends, with $1 characters of each query. In a new session each function, view and cast costs time at its
-- first use, rows do not. So src/lib/postgres/catalog/session-rows.ts adds names, addresses and times to these raw values.
-- timestamptz_send returns microseconds; it does not depend on DateStyle, TimeZone and extra_float_digits.
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
