-- Indexes that queries do not use, and that no session builds at the moment.
select i.indexrelid::pg_catalog.regclass::text as name
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where not i.indisvalid and c.relkind = 'i'
  and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
  and not exists (
    select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid
  )
order by 1
