-- The databases of the server, with what is noted on each.
select oid, datname as name, description as comment
from pg_catalog.pg_database
left join pg_catalog.pg_shdescription on objoid = oid and classoid = 'pg_catalog.pg_database'::regclass
