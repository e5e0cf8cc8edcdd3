-- Ascending sequences of identity and serial columns, each with its column.
-- pg_depend: 'i' is what an identity column has to its sequence, 'a' what a serial or OWNED BY has.
select
  sequence_space.nspname as sequence_schema,
  sequence.relname as sequence,
  table_space.nspname as table_schema,
  owner.relname as "table",
  attribute.attname as "column"
from pg_catalog.pg_depend depend
join pg_catalog.pg_class sequence on sequence.oid = depend.objid and sequence.relkind = 'S'
join pg_catalog.pg_namespace sequence_space on sequence_space.oid = sequence.relnamespace
join pg_catalog.pg_sequence definition on definition.seqrelid = sequence.oid and definition.seqincrement > 0
join pg_catalog.pg_class owner on owner.oid = depend.refobjid
join pg_catalog.pg_namespace table_space on table_space.oid = owner.relnamespace
join pg_catalog.pg_attribute attribute on attribute.attrelid = owner.oid and attribute.attnum = depend.refobjsubid
where depend.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and depend.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and depend.deptype in ('a', 'i')
  and attribute.atttypid in ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype)
