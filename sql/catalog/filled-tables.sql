-- Tables of users that have pages on disk, with their parents and ancestors; tables of extensions are left out.
with recursive above (table_oid, ancestor) as (
  select inhrelid, inhparent from pg_catalog.pg_inherits
  union
  select above.table_oid, further.inhparent
  from above join pg_catalog.pg_inherits further on further.inhrelid = above.ancestor
)
select
  c.oid::pg_catalog.regclass::text as name,
  n.nspname as schema,
  c.relname as "table",
  greatest(c.reltuples::float8, pg_catalog.pg_stat_get_live_tuples(c.oid)::float8, 0) as estimate,
  (
    select coalesce(jsonb_agg(jsonb_build_object('schema', ancestor_space.nspname, 'table', ancestor.relname)), '[]')
    from above
    join pg_catalog.pg_class ancestor on ancestor.oid = above.ancestor
    join pg_catalog.pg_namespace ancestor_space on ancestor_space.oid = ancestor.relnamespace
    where above.table_oid = c.oid
  ) as ancestors,
  pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')
    and not pg_catalog.row_security_active(c.oid) as readable
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence <> 't'
  and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
  )
  and pg_catalog.pg_relation_size(c.oid) > 0
order by estimate desc, 2, 3
