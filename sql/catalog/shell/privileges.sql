-- \dp: who may do what with tables, views and sequences whose schema and name match $1 and $2 (null: all except system ones,
-- unless $3).
select
  n.nspname as "Schema",
  c.relname as "Name",
  case c.relkind
    when 'r' then 'table' when 'p' then 'partitioned table' when 'f' then 'foreign table' when 'v' then 'view'
    when 'm' then 'materialized view' when 'S' then 'sequence'
  end as "Type",
  array_to_string(c.relacl, e'\n') as "Access privileges",
  array_to_string(array(
    select a.attname || e':\n  ' || array_to_string(a.attacl, e'\n  ')
    from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and not a.attisdropped and a.attacl is not null
    order by a.attnum
  ), e'\n') as "Column privileges",
  array_to_string(array(
    select p.polname || case when p.polpermissive then '' else ' (RESTRICTIVE)' end
      || case when p.polcmd = '*' then ':' else ' (' || p.polcmd::text || '):' end
      || coalesce(e'\n  (u): ' || pg_get_expr(p.polqual, p.polrelid), '')
      || coalesce(e'\n  (c): ' || pg_get_expr(p.polwithcheck, p.polrelid), '')
      || case when p.polroles = '{0}' then '' else e'\n  to: ' || array_to_string(array(
        select r.rolname from pg_catalog.pg_roles r where r.oid = any(p.polroles) order by 1
      ), ', ') end
    from pg_catalog.pg_policy p where p.polrelid = c.oid order by p.oid
  ), e'\n') as "Policies"
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'v', 'm', 'S', 'f', 'p')
  and case when $1::text is null then pg_table_is_visible(c.oid) else n.nspname ~ $1 end
  and ($3 or n.nspname not in ('pg_catalog', 'information_schema'))
  and ($2::text is null or c.relname ~ $2)
order by 1, 2
