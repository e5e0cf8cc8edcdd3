-- The sizes of the databases $1 that the role may connect to; Postgres refuses to tell the others.
select datname as name, pg_database_size(oid)::float8 as bytes
from pg_catalog.pg_database
where datname = any($1) and has_database_privilege(oid, 'connect')
