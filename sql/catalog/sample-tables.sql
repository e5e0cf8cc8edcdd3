-- The tables of users with what decides which rows they take. Tables of extensions and temporary ones are left out.
-- Names are SQL; `schema` and `name` are as in the catalog. Expressions are as the search_path of the session shows them.
select
  c.oid::int8::float8 as oid,
  c.relkind as kind,
  n.nspname as schema,
  c.relname as name,
  pg_catalog.format('%I.%I', n.nspname, c.relname) as sql,
  (select i.inhparent::int8::float8 from pg_catalog.pg_inherits i where i.inhrelid = c.oid order by i.inhseqno limit 1) as parent,
  c.relispartition as partition,
  case when c.relispartition then pg_catalog.pg_get_partition_constraintdef(c.oid) end as bounds,
  c.relforcerowsecurity as forced,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'number', a.attnum, 'name', a.attname, 'sql', pg_catalog.quote_ident(a.attname),
      'type', a.atttypid::int8, 'modifier', a.atttypmod, 'typeSql', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'notNull', a.attnotnull, 'made', a.atthasdef or a.attidentity <> '',
      'expression', case when a.attgenerated <> '' then (
        select pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef d
        where d.adrelid = a.attrelid and d.adnum = a.attnum
      ) end
    ) order by a.attnum), '[]')
    from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ) as columns,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'columns', coalesce(k.conkey, array[]::int2[]), 'expression', pg_catalog.pg_get_expr(k.conbin, k.conrelid)
    ) order by k.conname), '[]')
    from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'c'
  ) as checks,
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'columns', k.conkey, 'other', k.confrelid::int8, 'otherColumns', k.confkey, 'full', k.confmatchtype = 'f'
    ) order by k.conname), '[]')
    from pg_catalog.pg_constraint k
    where k.conrelid = c.oid and k.contype = 'f'
      -- A reference to a partitioned table has further entries, one for each partition of that table.
      and not exists (
        select from pg_catalog.pg_constraint whole where whole.oid = k.conparentid and whole.conrelid = k.conrelid
      )
  ) as keys,
  (
    -- nulls not distinct came with Postgres 15.
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'columns', (i.indkey::int2[])[0:i.indnkeyatts - 1],
      'nullsEqual', coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false)
    ) order by i.indexrelid), '[]')
    from pg_catalog.pg_index i
    where i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null
  ) as uniques,
  exists (
    select from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'x' and k.condeferrable
  ) as "excludesLate",
  (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'kind', 'trigger', 'sql', pg_catalog.quote_ident(t.tgname), 'enabled', t.tgenabled
    ) order by t.tgname), '[]')
    from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal
  ) || (
    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'kind', 'rule', 'sql', pg_catalog.quote_ident(r.rulename), 'enabled', r.ev_enabled
    ) order by r.rulename), '[]')
    from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.ev_type <> '1'
  ) as actors
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't'
  and n.nspname <> 'information_schema' and n.nspname not like 'pg\_%'
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
  )
order by n.nspname collate "C", c.relname collate "C"
