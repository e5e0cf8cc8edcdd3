-- Indexes that a failed CREATE or REINDEX INDEX CONCURRENTLY has left; not those that are being built
-- (https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY).
select i.indexrelid::regclass::text as name, null::float8 as value
from pg_catalog.pg_index i
where not i.indisvalid
  and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
  and not exists (select from pg_catalog.pg_inherits h where h.inhparent = i.indexrelid)
order by 1
