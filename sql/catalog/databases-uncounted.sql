-- databases.sql for Postgres 13, which does not count sessions.
select
  oid,
  datname,
  current_user as role,
  pg_catalog.current_setting('is_superuser') as is_superuser,
  pg_catalog.inet_server_addr() as server_addr
from pg_catalog.pg_database
