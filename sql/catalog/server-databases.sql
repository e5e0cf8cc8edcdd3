-- The databases of the server with their owners and comments, and beside each who asks.
select
  oid,
  datname as name,
  pg_catalog.pg_get_userbyid(datdba) as owner,
  datistemplate as template,
  current_user::text as role,
  description as comment
from pg_catalog.pg_database
left join pg_catalog.pg_shdescription on objoid = oid and classoid = 'pg_catalog.pg_database'::regclass
