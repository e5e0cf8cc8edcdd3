-- Ends ($4: only cancels the query of) the sessions with process ids $1 that connected at $2, since a process id may be
-- another session's by now; where $3 is set, only if they have done nothing since.
select
  a.pid,
  case when $4::boolean then pg_cancel_backend(a.pid) else pg_terminate_backend(a.pid) end as told
from unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) as wanted(pid, began, since)
join pg_catalog.pg_stat_activity a on a.pid = wanted.pid and a.backend_start is not distinct from wanted.began
where wanted.since is null or a.state_change = wanted.since
