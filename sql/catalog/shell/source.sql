-- \sf and \sv: what creates the function $1 or the view $2; the other is null.
select case
    when $1::text is null then
      (
        select case c.relkind when 'v' then 'CREATE OR REPLACE VIEW ' else 'CREATE MATERIALIZED VIEW ' end
          || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
          || coalesce(e'\n WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
          || e' AS\n' || rtrim(pg_get_viewdef(c.oid, true), ';')
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.oid = $2::text::regclass and c.relkind in ('v', 'm')
      )
    when $1 like '%(%' then pg_get_functiondef($1::text::regprocedure)
    else pg_get_functiondef($1::text::regproc)
  end as source
