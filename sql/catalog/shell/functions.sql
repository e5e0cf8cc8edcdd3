-- \df: functions whose schema and name match $1 and $2 (null: all except system functions, unless $3).
select
  n.nspname as "Schema",
  p.proname as "Name",
  pg_get_function_result(p.oid) as "Result data type",
  pg_get_function_arguments(p.oid) as "Argument data types",
  case p.prokind when 'a' then 'agg' when 'w' then 'window' when 'p' then 'proc' else 'func' end as "Type",
  case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as "Volatility",
  case p.proparallel when 'r' then 'restricted' when 's' then 'safe' else 'unsafe' end as "Parallel",
  pg_get_userbyid(p.proowner) as "Owner",
  case when p.prosecdef then 'definer' else 'invoker' end as "Security",
  array_to_string(p.proacl, e'\n') as "Access privileges",
  l.lanname as "Language",
  case when l.lanname in ('internal', 'c') then p.prosrc end as "Internal name",
  obj_description(p.oid, 'pg_proc') as "Description"
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
left join pg_catalog.pg_language l on l.oid = p.prolang
where case when $1::text is null then pg_function_is_visible(p.oid) else n.nspname ~ $1 end
  and ($3 or n.nspname not in ('pg_catalog', 'information_schema'))
  and ($2::text is null or p.proname ~ $2)
order by 1, 2, 4
