-- The tables whose rows the session has changed, and the ascending sequences of identity and serial columns of these tables
-- and of those that they are partitions or children of, whose sequences they share. Two arrays in one row.
with recursive changed as (
  -- What the session has not given to the server's counts yet, which is all of an open transaction.
  select relid from pg_catalog.pg_stat_xact_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0
  union
  -- The server's counts that have grown since $1, an object by oid; null: nothing was committed before.
  select relid from pg_catalog.pg_stat_user_tables
  where n_tup_ins + n_tup_upd + n_tup_del > coalesce(($1::pg_catalog.jsonb ->> relid::pg_catalog.text)::pg_catalog.int8, 0)
    and $1 is not null
  union
  -- Where nothing is counted, the locks of the open transaction tell.
  select tables.relid from pg_catalog.pg_locks locks
  join pg_catalog.pg_stat_user_tables tables on tables.relid = locks.relation
  where locks.pid = pg_catalog.pg_backend_pid() and locks.mode = 'RowExclusiveLock'
    and not pg_catalog.current_setting('track_counts')::pg_catalog.bool
), tables as (
  select class.oid, space.nspname as schema, class.relname as "table", pg_catalog.row_security_active(class.oid) as hidden
  from changed
  join pg_catalog.pg_class class on class.oid = changed.relid
  join pg_catalog.pg_namespace space on space.oid = class.relnamespace
  -- Those of other sessions cannot be among them, but are counted.
  where not pg_catalog.pg_is_other_temp_schema(class.relnamespace)
), family as (
  select oid from tables
  union
  select inherits.inhparent from pg_catalog.pg_inherits inherits join family on family.oid = inherits.inhrelid
), sequences as (
  select
    sequence.oid,
    sequence_space.nspname as sequence_schema,
    sequence.relname as sequence,
    table_space.nspname as table_schema,
    owner.relname as "table",
    attribute.attname as "column",
    pg_catalog.row_security_active(owner.oid) as hidden,
    definition.seqmax::pg_catalog.text as sequence_end,
    case attribute.atttypid
      when 'pg_catalog.int2'::pg_catalog.regtype then '32767'
      when 'pg_catalog.int4'::pg_catalog.regtype then '2147483647'
      else '9223372036854775807'
    end as type_end
  from family
  join pg_catalog.pg_class owner on owner.oid = family.oid
  join pg_catalog.pg_namespace table_space on table_space.oid = owner.relnamespace
  -- 'i' is what an identity column has to its sequence, 'a' what a serial or OWNED BY has.
  join pg_catalog.pg_depend depend on depend.refobjid = owner.oid and depend.deptype in ('a', 'i')
    and depend.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and depend.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  join pg_catalog.pg_class sequence on sequence.oid = depend.objid and sequence.relkind = 'S'
  join pg_catalog.pg_namespace sequence_space on sequence_space.oid = sequence.relnamespace
  join pg_catalog.pg_sequence definition on definition.seqrelid = sequence.oid and definition.seqincrement > 0
  join pg_catalog.pg_attribute attribute on attribute.attrelid = owner.oid and attribute.attnum = depend.refobjsubid
    and attribute.atttypid in ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype)
)
select
  array(select pg_catalog.to_json(tables) from tables order by schema, "table") as tables,
  array(select pg_catalog.to_json(sequences) from sequences order by sequence_schema, sequence) as sequences
