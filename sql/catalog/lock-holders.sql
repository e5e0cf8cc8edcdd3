-- Other sessions that hold the lock ($1, $2), in any database of the server.
select pid
from pg_catalog.pg_lock_status()
where locktype = 'advisory' and classid = $1::oid and objid = $2::oid and objsubid = 2
  and granted and pid <> pg_backend_pid()
