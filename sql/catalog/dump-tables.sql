-- The tables whose rows are dumped, in the order of pg_dump. $1: the tables to dump, null for all; $2: those whose rows are
-- left out; both include their partitions and children. Of an extension, only its configuration tables have rows to dump.
with recursive
  chosen as (
    select pg_catalog.unnest($1::pg_catalog.oid[]) as oid
    union
    select inherits.inhrelid from chosen join pg_catalog.pg_inherits inherits on inherits.inhparent = chosen.oid
  ),
  without_rows as (
    select pg_catalog.unnest($2::pg_catalog.oid[]) as oid
    union
    select inherits.inhrelid from without_rows join pg_catalog.pg_inherits inherits on inherits.inhparent = without_rows.oid
  ),
  configuration as (
    select config.oid, config.condition
    from pg_catalog.pg_extension extension,
      rows from (
        pg_catalog.unnest(extension.extconfig), pg_catalog.unnest(extension.extcondition)
      ) as config (oid, condition)
  )
select
  class.oid,
  namespace.nspname as schema,
  class.relname as table,
  pg_catalog.pg_get_userbyid(class.relowner) as owner,
  pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
  -- Hash partitions by an enum depend on oids, which are others in another database.
  coalesce(
    (
      select pg_catalog.format('%I.%I', root_namespace.nspname, root.relname)
      from pg_catalog.pg_class root
      join pg_catalog.pg_namespace root_namespace on root_namespace.oid = root.relnamespace
      where class.relispartition
        and root.oid = pg_catalog.pg_partition_root(class.oid)
        and exists (
          select
          from pg_catalog.pg_partition_ancestors(class.oid) as ancestor (relid)
          join pg_catalog.pg_partitioned_table partitioned on partitioned.partrelid = ancestor.relid
          join pg_catalog.pg_opclass opclass on opclass.oid = any (partitioned.partclass)
          where partitioned.partstrat = 'h' and opclass.opcname = 'enum_ops'
        )
    ),
    pg_catalog.format('%I.%I', namespace.nspname, class.relname)
  ) as into,
  coalesce(
    (
      select pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ' order by attnum)
      from pg_catalog.pg_attribute
      where attrelid = class.oid and attnum > 0 and not attisdropped and attgenerated = ''
    ),
    ''
  ) as columns,
  coalesce(configuration.condition, '') as condition
from pg_catalog.pg_class class
join pg_catalog.pg_namespace namespace on namespace.oid = class.relnamespace
left join configuration on configuration.oid = class.oid
where class.relkind = 'r'
  -- A standby has nothing of what is unlogged.
  and (class.relpersistence = 'p' or (class.relpersistence = 'u' and not pg_catalog.pg_is_in_recovery()))
  and namespace.nspname !~ '^pg_'
  and namespace.nspname <> 'information_schema'
  and (
    configuration.oid is not null
    or not exists (
      select
      from pg_catalog.pg_depend
      where classid = 'pg_catalog.pg_class'::pg_catalog.regclass and objid = class.oid and deptype = 'e'
    )
  )
  and ($1::pg_catalog.oid[] is null or class.oid in (select oid from chosen))
  and class.oid not in (select oid from without_rows)
order by namespace.nspname collate "C", class.relname collate "C"
