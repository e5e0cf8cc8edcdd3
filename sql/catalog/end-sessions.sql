-- Ends the sessions with process ids $1 that connected at $2 (a process id may be reused); with $4 only cancels their
-- queries. If $3 is set, only sessions whose state has not changed since then.
select
  a.pid,
  case when $4::boolean then pg_cancel_backend(a.pid) else pg_terminate_backend(a.pid) end as told
from unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) as wanted(pid, began, since)
join pg_catalog.pg_stat_activity a on a.pid = wanted.pid and a.backend_start is not distinct from wanted.began
where wanted.since is null or a.state_change = wanted.since
