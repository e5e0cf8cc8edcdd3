-- The sequences whose values are dumped. $1: the tables and sequences to dump, null for all.
with recursive chosen as (
  select pg_catalog.unnest($1::pg_catalog.oid[]) as oid
  union
  select inherits.inhrelid from chosen join pg_catalog.pg_inherits inherits on inherits.inhparent = chosen.oid
)
select
  namespace.nspname as schema,
  class.relname as table,
  pg_catalog.pg_get_userbyid(class.relowner) as owner,
  pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name
from pg_catalog.pg_class class
join pg_catalog.pg_namespace namespace on namespace.oid = class.relnamespace
where class.relkind = 'S'
  -- A standby has nothing of what is unlogged.
  and (class.relpersistence = 'p' or (class.relpersistence = 'u' and not pg_catalog.pg_is_in_recovery()))
  and namespace.nspname !~ '^pg_'
  and namespace.nspname <> 'information_schema'
  and (
    not exists (
      select
      from pg_catalog.pg_depend
      where classid = 'pg_catalog.pg_class'::pg_catalog.regclass and objid = class.oid and deptype = 'e'
    )
    or exists (select from pg_catalog.pg_extension where class.oid = any (extconfig))
  )
  and (
    $1::pg_catalog.oid[] is null
    or class.oid in (select oid from chosen)
    or exists (
      select
      from pg_catalog.pg_depend
      where classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and objid = class.oid
        and refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and deptype in ('a', 'i')
        and refobjid in (select oid from chosen)
    )
  )
order by namespace.nspname collate "C", class.relname collate "C"
