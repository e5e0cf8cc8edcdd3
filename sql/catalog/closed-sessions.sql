-- Sessions that have ended since the statistics were last reset: all that were counted less those still there. From
-- Postgres 14. The functions behind pg_stat_database and pg_stat_activity: a new session takes twice as long for the views.
select
  greatest(0, sum(pg_catalog.pg_stat_get_db_sessions(oid)) - (
    select count(*) from pg_catalog.pg_stat_get_activity(null)
    -- A role that may not see a session is not told its type either.
    where backend_type = 'client backend' or (backend_type is null and datid is not null)
  ))::float8 as closed,
  sum(pg_catalog.pg_stat_get_db_sessions_abandoned(oid))::float8 as abandoned,
  sum(pg_catalog.pg_stat_get_db_sessions_fatal(oid))::float8 as fatal,
  sum(pg_catalog.pg_stat_get_db_sessions_killed(oid))::float8 as killed
from pg_catalog.pg_database
