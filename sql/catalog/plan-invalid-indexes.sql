-- Indexes that are not valid and that nobody is building now. The names are SQL, without the schema public.
select
  case n.nspname when 'public' then '' else pg_catalog.quote_ident(n.nspname) || '.' end as prefix,
  pg_catalog.quote_ident(c.relname) as index,
  pg_catalog.quote_ident(t.relname) as "table",
  n.nspname as schema,
  t.relname as name
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_class t on t.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where not i.indisvalid and c.relkind = 'i' and n.nspname not like 'pg\_%'
  and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = c.oid)
order by 1, 3, 2
