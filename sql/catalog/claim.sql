-- Takes the lock ($1, $2) under which one command at a time works on a database, or shares it ($3) with others that
-- destroy nothing; or for the open transaction alone ($5). Null where this session is not the one that the client was
-- told of ($4) and may be another one by the next statement.
select case
  when $5::boolean then pg_try_advisory_xact_lock($1::int, $2::int)
  when $4::int is distinct from pg_backend_pid() then null
  when $3::boolean then pg_try_advisory_lock_shared($1::int, $2::int)
  else pg_try_advisory_lock($1::int, $2::int)
end as claimed
