-- Sessions that have ended since the statistics were last reset: all that were counted less those still there.
-- The columns came with Postgres 14; read through jsonb they are null before it instead of an error.
select
  (greatest(0, sum((counts ->> 'sessions')::bigint) - (
    select count(*) from pg_catalog.pg_stat_activity
    -- A role that may not see a session is not told its type either.
    where backend_type = 'client backend' or (backend_type is null and datid is not null)
  )) + 0 * sum((counts ->> 'sessions')::bigint))::float8 as closed,
  sum((counts ->> 'sessions_abandoned')::bigint)::float8 as abandoned,
  sum((counts ->> 'sessions_fatal')::bigint)::float8 as fatal,
  sum((counts ->> 'sessions_killed')::bigint)::float8 as killed
from (select to_jsonb(d) as counts from pg_catalog.pg_stat_database d) as databases
