-- Tables and views of users, for a pull: which columns take values, and what has none. Those of extensions are left out.
select
  c.oid::int8::float8 as oid,
  n.nspname as schema,
  c.relname as name,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as sql,
  c.relkind as kind,
  c.relispartition as partition,
  (
    select coalesce(pg_catalog.json_agg(ancestor.relid::oid::int8::float8), '[]')
    from pg_catalog.pg_partition_ancestors(c.oid) as ancestor (relid)
    where ancestor.relid <> c.oid
  ) as ancestors,
  (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname,
      'sql', pg_catalog.quote_ident(a.attname),
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'base', pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), null),
      'length', case when a.atttypid in ('pg_catalog.varchar'::pg_catalog.regtype, 'pg_catalog.bpchar'::pg_catalog.regtype)
        and a.atttypmod > 4 then a.atttypmod - 4 end,
      'category', t.typcategory,
      'notNull', a.attnotnull,
      'key', exists (
        select from pg_catalog.pg_index i
        where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)
      ),
      'refers', exists (
        select from pg_catalog.pg_constraint k
        where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)
      ),
      'generated', a.attgenerated <> '',
      'made', a.atthasdef or a.attidentity <> ''
    ) order by a.attnum), '[]')
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type t on t.oid = a.atttypid
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) as columns
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
  )
order by n.nspname collate "C", c.relname collate "C"
