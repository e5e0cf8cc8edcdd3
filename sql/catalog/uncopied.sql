-- Whether database $1 has anything that CREATE DATABASE … TEMPLATE does not copy: settings, privileges, a limit.
select
  datacl is not null
  or datconnlimit <> -1
  or exists (select from pg_catalog.pg_db_role_setting where setdatabase = d.oid)
  or exists (select from pg_catalog.pg_subscription where subdbid = d.oid) as uncopied
from pg_catalog.pg_database d
where datname = $1
