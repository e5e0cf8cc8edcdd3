-- The databases with their session counts since the last reset of statistics. The role and the address are in each row,
-- because a second statement takes longer. For Postgres 14 and later; databases-uncounted.sql is for 13.
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
