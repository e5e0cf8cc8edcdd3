-- Ascending sequences of identity and serial columns of the tables $1 and of their parents, whose sequences they share;
-- each with its column and the highest value that both can have.
-- In pg_depend, 'i' links a sequence to an identity column, 'a' to a serial column or by OWNED BY.
with recursive family as (
  select oid from pg_catalog.unnest($1::pg_catalog.oid[]) as oid
  union
  select inherits.inhparent from pg_catalog.pg_inherits inherits join family on family.oid = inherits.inhrelid
)
select
  sequence.oid::pg_catalog.int8 as oid,
  sequence_space.nspname as sequence_schema,
  sequence.relname as sequence,
  table_space.nspname as table_schema,
  owner.relname as "table",
  attribute.attname as "column",
  pg_catalog.row_security_active(owner.oid) as hidden,
  definition.seqmax::pg_catalog.text as "sequenceEnd",
  case attribute.atttypid
    when 'pg_catalog.int2'::pg_catalog.regtype then '32767'
    when 'pg_catalog.int4'::pg_catalog.regtype then '2147483647'
    else '9223372036854775807'
  end as "typeEnd"
from family
join pg_catalog.pg_class owner on owner.oid = family.oid
join pg_catalog.pg_namespace table_space on table_space.oid = owner.relnamespace
join pg_catalog.pg_depend depend on depend.refobjid = owner.oid
join pg_catalog.pg_class sequence on sequence.oid = depend.objid and sequence.relkind = 'S'
join pg_catalog.pg_namespace sequence_space on sequence_space.oid = sequence.relnamespace
join pg_catalog.pg_sequence definition on definition.seqrelid = sequence.oid and definition.seqincrement > 0
join pg_catalog.pg_attribute attribute on attribute.attrelid = owner.oid and attribute.attnum = depend.refobjsubid
where depend.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and depend.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and depend.deptype in ('a', 'i')
  and attribute.atttypid in ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype)
order by 2, 3
