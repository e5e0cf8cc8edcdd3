-- The session with process id $1, which holds a lock, as shown to users.
select
  pid,
  application_name as application,
  case when client_addr is null then 'socket' else host(client_addr) end as client,
  extract(epoch from clock_timestamp() - backend_start)::float8 as seconds
from pg_catalog.pg_stat_activity
where pid = $1
