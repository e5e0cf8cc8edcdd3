-- The server's backends but the one that asks. $1: only this database (null: all). $2: background workers too.
select
  pid,
  usename as user,
  datname as database,
  case
    when client_addr is not null then host(client_addr) || ':' || client_port
    when backend_type = 'client backend' then 'socket'
    else ''
  end as client,
  coalesce(application_name, '') as application,
  state,
  extract(epoch from clock_timestamp() - coalesce(state_change, backend_start))::float8 as seconds,
  coalesce(query, '') as query,
  coalesce(backend_type, '') as backend
from pg_catalog.pg_stat_activity
where pid <> pg_backend_pid()
  and ($1::text is null or datname = $1)
  and ($2::boolean or backend_type = 'client backend')
order by
  backend_type <> 'client backend',
  case state when 'active' then 0 when 'idle in transaction' then 1 when 'idle in transaction (aborted)' then 1 else 2 end,
  state_change,
  pid
