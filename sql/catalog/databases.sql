-- The databases with the sessions that each has had since its statistics were reset, and beside each who asks, and where:
-- a statement more would take the server longer. From Postgres 14; before it, databases-uncounted.sql.
select
  oid,
  datname,
  pg_catalog.pg_stat_get_db_sessions(oid) as sessions,
  pg_catalog.pg_stat_get_db_sessions_abandoned(oid) as abandoned,
  pg_catalog.pg_stat_get_db_sessions_fatal(oid) as fatal,
  pg_catalog.pg_stat_get_db_sessions_killed(oid) as killed,
  current_user as role,
  pg_catalog.current_setting('is_superuser') as is_superuser,
  pg_catalog.inet_server_addr() as server_addr
from pg_catalog.pg_database
