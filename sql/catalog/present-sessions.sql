-- The sessions with process ids $1 that connected at $2 and still exist, and whether their state is unchanged since $3.
select
  a.pid,
  a.state_change is not distinct from wanted.since as unchanged
from unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) as wanted(pid, began, since)
join pg_catalog.pg_stat_activity a on a.pid = wanted.pid and a.backend_start is not distinct from wanted.began
