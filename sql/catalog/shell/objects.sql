-- Names for Tab completion beside those of relations: kind and name, quoted where SQL needs it.
select 'role' as kind, quote_ident(rolname) as name from pg_catalog.pg_roles
union all select 'database', quote_ident(datname) from pg_catalog.pg_database where not datistemplate
union all select 'schema', quote_ident(nspname) from pg_catalog.pg_namespace where nspname !~ '^pg_(toast|temp)'
union all select 'extension', quote_ident(extname) from pg_catalog.pg_extension
union all select 'available', quote_ident(name) from pg_catalog.pg_available_extensions
union all select 'setting', name from pg_catalog.pg_settings
union all select 'channel', quote_ident(channel) from pg_catalog.pg_listening_channels() as channel
union all select 'prepared', quote_ident(name) from pg_catalog.pg_prepared_statements
union all
select 'index', quote_ident(relname) from pg_catalog.pg_class
where relkind in ('i', 'I') and relnamespace <> 'pg_catalog'::regnamespace and relname !~ '^pg_toast' and pg_table_is_visible(oid)
union all
select distinct 'type', format_type(t.oid, null) from pg_catalog.pg_type t
where t.typtype <> 'p' and t.typelem = 0 and t.typname !~ '^pg_' and pg_type_is_visible(t.oid)
  and (t.typrelid = 0 or exists (select from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c'))
union all
select distinct 'function', quote_ident(proname) from pg_catalog.pg_proc
where pg_function_is_visible(oid) and prorettype <> 'trigger'::regtype
  and (pronamespace <> 'pg_catalog'::regnamespace or 'internal'::regtype <> all(proargtypes::oid[]))
order by 1, 2
