-- What the sessions with process ids $1 wait for, and who holds them up. Asked for those alone that wait for a lock: both
-- take locks of the server's own. The function behind the view pg_locks is asked: a new session takes longer for the view.
with locks as (
  select
    pid,
    max(case when not granted then locktype end) as kind,
    max(case when not granted then mode end) as mode,
    -- Who waits for a row waits for its transaction, and meanwhile holds the row's place in the queue.
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
