-- The server's backends but the one that asks. $1: only this database (null: all). $2: so many characters of each query
-- (null: all that the server keeps). Who blocks whom is asked for those alone that wait for a lock, and the locks are
-- read only where someone does: both take locks of the server's own. The functions behind the views pg_stat_activity and
-- pg_locks are asked: a new session takes longer for the views.
with backends as (
  select s.*, datname, rolname as usename, rolsuper
  from pg_catalog.pg_stat_get_activity(null) s
  left join pg_catalog.pg_database d on d.oid = datid
  left join pg_catalog.pg_roles r on r.oid = usesysid
  where pid <> pg_backend_pid() and ($1::text is null or datname = $1)
), locks as (
  select
    pid,
    max(case when not granted then locktype end) as kind,
    max(case when not granted then mode end) as mode,
    -- Who waits for a row waits for its transaction, and meanwhile holds the row's place in the queue.
    coalesce(max(case when not granted then relation end), max(case when locktype = 'tuple' then relation end)) as relation,
    max(case when relation is not null and (not granted or locktype = 'tuple') then database end) as database
  from pg_catalog.pg_lock_status()
  where exists (select from backends where wait_event_type = 'Lock')
    and pid in (select pid from backends where wait_event_type = 'Lock')
  group by pid
)
select
  b.pid,
  usename as user,
  datname as database,
  case
    when client_addr is not null then host(client_addr) || ':' || client_port
    when backend_type = 'client backend' then 'socket'
    else ''
  end as client,
  -- Loopback, sockets and the server's own address are one machine where we are on it too.
  coalesce(backend_type = 'client backend', false) and (
    client_addr is not distinct from inet_client_addr()
    or (
      coalesce(client_addr <<= '127.0.0.0/8' or client_addr = '::1' or client_addr = inet_server_addr(), true)
      and coalesce(inet_client_addr() <<= '127.0.0.0/8' or inet_client_addr() = '::1' or inet_client_addr() = inet_server_addr(), true)
    )
  ) as here,
  coalesce(application_name, '') as application,
  state,
  extract(epoch from clock_timestamp() - coalesce(state_change, backend_start))::float8 as seconds,
  extract(epoch from clock_timestamp() - xact_start)::float8 as "transactionSeconds",
  extract(epoch from clock_timestamp() - backend_start)::float8 as "connectedSeconds",
  (to_json(backend_start at time zone 'UTC') #>> '{}') || 'Z' as "backendStart",
  (to_json(state_change at time zone 'UTC') #>> '{}') || 'Z' as "stateSince",
  wait_event_type as "waitType",
  wait_event as "waitEvent",
  case when l.kind is not null then json_build_object(
    'kind', l.kind,
    'mode', l.mode,
    'relation', case when l.database in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
      then l.relation::regclass::text else l.relation::text end
  ) end as lock,
  case when wait_event_type = 'Lock' then array(select distinct unnest(pg_blocking_pids(b.pid)) order by 1) else '{}' end as "blockedBy",
  coalesce(rolsuper, false) as superuser,
  backend_type is null as hidden,
  case when backend_type is null then '' when $2::int is null then query else coalesce(left(query, $2), '') end as query,
  coalesce(backend_type, '') as backend
from backends b
left join locks l on l.pid = b.pid
