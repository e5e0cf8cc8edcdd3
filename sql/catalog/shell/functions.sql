-- \df: functions whose schema and name match $1 and $2 (null: all except system functions).
select
  n.nspname as "Schema",
  p.proname as "Name",
  pg_get_function_result(p.oid) as "Result data type",
  pg_get_function_arguments(p.oid) as "Argument data types",
  case p.prokind when 'a' then 'agg' when 'w' then 'window' when 'p' then 'proc' else 'func' end as "Type"
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where case when $1::text is null then pg_function_is_visible(p.oid) else n.nspname ~ $1 end
  and case when $2::text is null then $1::text is not null or n.nspname not in ('pg_catalog', 'information_schema') else p.proname ~ $2 end
order by 1, 2, 4
