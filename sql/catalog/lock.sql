-- Takes the lock ($1, $2) under which one command at a time works on a database; or for the open transaction alone ($4).
-- Null where this session is not the one that the client was told of ($3) and may be another one by the next statement.
select case
  when $4::boolean then pg_try_advisory_xact_lock($1::int, $2::int)
  when $3::int is distinct from pg_backend_pid() then null
  else pg_try_advisory_lock($1::int, $2::int)
end as locked
