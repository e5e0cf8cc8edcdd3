-- Sequences that give a numeric column its values, and do not cycle: by identity, by OWNED BY or by a default. The columns of
-- partitions are left out where the partitioned table has the same sequence. Names are SQL.
with recursive base (oid, base) as (
  select oid, oid from pg_catalog.pg_type where typtype = 'b'
  union
  select t.oid, base.base from base join pg_catalog.pg_type t on t.typbasetype = base.oid and t.typtype = 'd'
), fed (sequence, "table", number) as (
  select d.objid, d.refobjid, d.refobjsubid
  from pg_catalog.pg_depend d
  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refclassid = d.classid
    and d.deptype in ('a', 'i') and d.refobjsubid > 0
  union
  select d.refobjid, made.adrelid, made.adnum
  from pg_catalog.pg_depend d
  join pg_catalog.pg_attrdef made on made.oid = d.objid
  where d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
)
select
  s.relname as sequence,
  c.relname as "table",
  a.attname as "column",
  pg_catalog.format('%I.%I', sn.nspname, s.relname) as "sequenceSql",
  pg_catalog.format('%I.%I', n.nspname, c.relname) as "tableSql",
  pg_catalog.quote_ident(a.attname) as "columnSql",
  q.seqincrement::text as increment,
  q.seqincrement < 0 as descending
from fed
join pg_catalog.pg_class s on s.oid = fed.sequence and s.relkind = 'S' and s.relpersistence <> 't'
join pg_catalog.pg_namespace sn on sn.oid = s.relnamespace
join pg_catalog.pg_sequence q on q.seqrelid = s.oid and not q.seqcycle
join pg_catalog.pg_class c on c.oid = fed."table" and c.relkind in ('r', 'p')
join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname not like 'pg\_%'
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = fed.number and not a.attisdropped and a.attgenerated = ''
join base on base.oid = a.atttypid and base.base::pg_catalog.regtype in (
  'pg_catalog.int2', 'pg_catalog.int4', 'pg_catalog.int8', 'pg_catalog.numeric'
)
where not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
  )
  and not (c.relispartition and exists (
    select
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_attribute above on above.attrelid = i.inhparent and above.attname = a.attname
    join fed further on further."table" = i.inhparent and further.number = above.attnum and further.sequence = s.oid
    where i.inhrelid = c.oid
  ))
order by sn.nspname collate "C", s.relname collate "C", n.nspname collate "C", c.relname collate "C", a.attnum
