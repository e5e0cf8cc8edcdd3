-- Takes the lock ($1, $2), which lets one command at a time change a database; with $4 only for the open transaction.
-- Returns null if this is not the session that the client logged in to ($3): a pooler may change it at each statement.
select case
  when $4::boolean then pg_try_advisory_xact_lock($1::int, $2::int)
  when $3::int is distinct from pg_backend_pid() then null
  else pg_try_advisory_lock($1::int, $2::int)
end as locked
