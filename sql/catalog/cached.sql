-- The databases that setups keep to be copied, of roles that we may act as. Their sizes where we may ask for them.
select
  datname as name,
  shobj_description(oid, 'pg_database') as comment,
  case when has_database_privilege(oid, 'connect') then pg_database_size(oid)::float8 end as bytes
from pg_catalog.pg_database
where datname like 'cruddur\_cache\_%' and pg_has_role(datdba, 'usage')
