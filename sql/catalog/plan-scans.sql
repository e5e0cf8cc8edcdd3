-- How often this session has read tables from end to end, as far as it is not yet reported.
select c.oid::int8::float8 as oid, pg_catalog.pg_stat_get_xact_numscans(c.oid)::float8 as scans
from pg_catalog.pg_class c
where c.relkind in ('r', 'm') and c.oid >= 16384 and pg_catalog.pg_stat_get_xact_numscans(c.oid) > 0
