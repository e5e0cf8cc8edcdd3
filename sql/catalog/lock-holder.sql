-- What a person would want to know of the session with process id $1 that holds a lock.
select
  pid,
  application_name as application,
  case when client_addr is null then 'socket' else host(client_addr) end as client,
  extract(epoch from clock_timestamp() - backend_start)::float8 as seconds
from pg_catalog.pg_stat_activity
where pid = $1
