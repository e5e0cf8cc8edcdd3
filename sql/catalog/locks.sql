-- The locks that the sessions with process ids $1 wait for, and the sessions that block them. Only waiting sessions are
-- asked for, since both functions take internal locks. pg_lock_status() costs a new session less than the view pg_locks.
with locks as (
  select
    pid,
    max(case when not granted then locktype end) as kind,
    max(case when not granted then mode end) as mode,
    -- A session that waits for a row waits for a transaction and meanwhile holds the tuple lock.
    coalesce(max(case when not granted then relation end), max(case when locktype = 'tuple' then relation end)) as relation,
    max(case when relation is not null and (not granted or locktype = 'tuple') then database end) as database
  from pg_catalog.pg_lock_status()
  where pid = any($1::int[])
  group by pid
)
select
  waiting.pid,
  kind,
  mode,
  case when database in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
    then relation::regclass::text else relation::text end as relation,
  array(select distinct unnest(pg_blocking_pids(waiting.pid)) order by 1) as blockers
from unnest($1::int[]) as waiting(pid)
left join locks on locks.pid = waiting.pid
