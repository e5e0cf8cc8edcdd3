-- The tables of users whose rows are compared. A partitioned table with foreign partitions is left out, because to read it
-- would be to ask another server.
with recursive below (ancestor, oid) as (
  select inhparent, inhrelid from pg_catalog.pg_inherits
  union
  select below.ancestor, further.inhrelid from below join pg_catalog.pg_inherits further on further.inhparent = below.oid
)
select
  n.nspname as schema,
  c.relname as name,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as sql,
  case n.nspname when 'public' then '' else pg_catalog.quote_ident(n.nspname) || '.' end || pg_catalog.quote_ident(c.relname) as shown,
  c.relkind = 'p' as partitioned,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'name', a.attname, 'sql', pg_catalog.quote_ident(a.attname),
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod) || coalesce(
        -- The values of a composite type have another text when it has other attributes.
        (
          select ' ' || pg_catalog.jsonb_agg(pg_catalog.format('%I %s', f.attname, pg_catalog.format_type(f.atttypid, f.atttypmod)) order by f.attnum)::text
          from pg_catalog.pg_type t
          left join pg_catalog.pg_type element on element.oid = t.typelem
          join pg_catalog.pg_attribute f on f.attrelid = coalesce(nullif(t.typrelid, 0), element.typrelid)
          where t.oid = a.atttypid and f.attnum > 0 and not f.attisdropped
        ),
        ''
      ),
      'generated', a.attgenerated <> ''
    ) order by a.attnum), '[]')
    from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) as columns
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't'
  and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
  )
  and not exists (
    select from below join pg_catalog.pg_class part on part.oid = below.oid
    where below.ancestor = c.oid and part.relkind = 'f' and c.relkind = 'p'
  )
order by n.nspname collate "C", c.relname collate "C"
