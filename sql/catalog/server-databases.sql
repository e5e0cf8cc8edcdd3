-- The databases of the server with their owners and comments; the role that asks is in each row. The columns of
-- pg_database differ between versions, hence d.*.
select
  d.*,
  pg_catalog.pg_get_userbyid(datdba) as owner,
  current_user::text as role,
  description as comment,
  exists (select from pg_catalog.pg_db_role_setting where setdatabase = d.oid)
    or exists (select from pg_catalog.pg_shseclabel l where l.objoid = d.oid and l.classoid = 'pg_catalog.pg_database'::regclass) as configured
from pg_catalog.pg_database d
left join pg_catalog.pg_shdescription on objoid = d.oid and classoid = 'pg_catalog.pg_database'::regclass
