-- Takes the lock ($1, $2) under which one command at a time works on database $3, or shares it ($4) with others that
-- destroy nothing; or for the open transaction alone ($6). Null where this session is not the one that the client was
-- told of ($5) and may be another one by the next statement. In the same round trip: who else holds the lock in any
-- database of the server, and what is noted on them.
with claim as materialized (
  select case
    when $6::boolean then pg_try_advisory_xact_lock($1::int, $2::int)
    when $5::int is distinct from pg_backend_pid() then null
    when $4::boolean then pg_try_advisory_lock_shared($1::int, $2::int)
    else pg_try_advisory_lock($1::int, $2::int)
  end as claimed
)
select
  claimed,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'pid', a.pid,
      'application', a.application_name,
      'client', case when a.client_addr is null then 'socket' else host(a.client_addr) end,
      'seconds', extract(epoch from clock_timestamp() - a.backend_start)
    )), '[]')
    from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.classid::int8 = $1 and l.objid::int8 = $2 and l.objsubid = 2
      and l.granted and l.pid <> pg_backend_pid() and (not $4 or l.mode = 'ExclusiveLock')
  ) as holders,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'name', datname,
      'comment', shobj_description(oid, 'pg_database'),
      'prepared', (select count(*) from pg_catalog.pg_prepared_xacts p where p.database = datname),
      'slots', (select count(*) from pg_catalog.pg_replication_slots s where s.database = datname)
    )), '[]')
    from pg_catalog.pg_database
    where datname = $3 or shobj_description(oid, 'pg_database') like '%[cruddur-db {%'
  ) as databases
from claim
