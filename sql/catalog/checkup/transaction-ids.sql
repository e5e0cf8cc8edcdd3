-- How old the oldest transaction id, or multixact id, of each database is
-- (https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND).
select datname as name, greatest(age(datfrozenxid), mxid_age(datminmxid))::float8 as value
from pg_catalog.pg_database
order by 2 desc
