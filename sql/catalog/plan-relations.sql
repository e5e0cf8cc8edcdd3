-- The tables that this session has locked, or with $1 all, as they are now. 16384 is the first oid that no system object
-- has. Names are SQL; `schema` and `name` are as in the catalog. The text of definitions is only read for locked tables.
with held as (
  select l.relation as oid, pg_catalog.array_agg(distinct l.mode) as modes
  from pg_catalog.pg_locks l
  where l.locktype = 'relation' and l.pid = pg_catalog.pg_backend_pid() and l.granted and l.relation >= 16384
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
  group by 1
), chosen as (
  select oid, modes from held
  union all
  select c.oid, array[]::text[] from pg_catalog.pg_class c
  where $1::bool and c.oid >= 16384 and c.oid not in (select oid from held)
)
select
  chosen.oid::int8::float8 as oid,
  chosen.modes,
  c.oid is null as gone,
  c.relkind as kind,
  n.nspname as schema,
  c.relname as name,
  case n.nspname when 'public' then '' else pg_catalog.quote_ident(n.nspname) || '.' end as prefix,
  pg_catalog.quote_ident(c.relname) as quoted,
  pg_catalog.pg_relation_filenode(c.oid)::int8::float8 as file,
  (select i.inhparent::int8::float8 from pg_catalog.pg_inherits i where i.inhrelid = c.oid order by i.inhseqno limit 1) as parent,
  pg_catalog.pg_stat_get_xact_numscans(c.oid)::float8 as scans,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'number', a.attnum, 'name', a.attname, 'quoted', pg_catalog.quote_ident(a.attname),
      'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
      'made', a.atthasdef or a.attidentity <> '' or a.attgenerated <> ''
    ) order by a.attnum), '[]')
    from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) as columns,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'oid', k.oid::int8, 'quoted', pg_catalog.quote_ident(k.conname), 'kind', k.contype, 'valid', k.convalidated,
      'columns', coalesce(k.conkey, array[]::int2[]), 'other', k.confrelid::int8, 'inherited', k.conparentid <> 0 or not k.conislocal,
      'definition', case when not $1::bool then pg_catalog.pg_get_constraintdef(k.oid) end
    )), '[]')
    from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype in ('c', 'f')
  ) as constraints,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'oid', i.indexrelid::int8, 'quoted', pg_catalog.quote_ident(ic.relname), 'valid', i.indisvalid,
      'file', pg_catalog.pg_relation_filenode(i.indexrelid)::int8, 'partial', i.indpred is not null,
      'columns', (i.indkey::int2[])[0:i.indnkeyatts - 1],
      'constraint', (
        select pg_catalog.jsonb_build_object('quoted', pg_catalog.quote_ident(k.conname), 'kind', k.contype)
        from pg_catalog.pg_constraint k
        where k.conrelid = i.indrelid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x') limit 1
      ),
      'definition', case when not $1::bool then pg_catalog.pg_get_indexdef(i.indexrelid) end
    )), '[]')
    from pg_catalog.pg_index i join pg_catalog.pg_class ic on ic.oid = i.indexrelid where i.indrelid = c.oid
  ) as indexes
from chosen
left join pg_catalog.pg_class c on c.oid = chosen.oid
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid is null or (c.relkind in ('r', 'p', 'm') and n.nspname not like 'pg\_%')
