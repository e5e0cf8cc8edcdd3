-- The query of the session with process id $1 that connected at $2, as far as the server keeps it.
select query from pg_catalog.pg_stat_activity where pid = $1 and backend_start is not distinct from $2::timestamptz
