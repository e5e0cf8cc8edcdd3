-- What a schema has, for the proposal of a change: tables with columns and indexes, sequences, domains, and the parts of
-- tables that have a name and a definition. Read with an empty search_path, so that all names have their schema.
with
member as (
  select classid, objid from pg_catalog.pg_depend where deptype = 'e'
),
space as (
  select oid, nspname from pg_catalog.pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'
),
relation as (
  select c.*, n.nspname
  from pg_catalog.pg_class c
  join space n on n.oid = c.relnamespace
  where not exists (
    select from member where classid = 'pg_catalog.pg_class'::pg_catalog.regclass and objid = c.oid
  )
)
select
  (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'schema', r.nspname,
      'name', r.relname,
      'partitioned', r.relkind = 'p',
      'bound', pg_catalog.pg_get_expr(r.relpartbound, r.oid),
      'condition', pg_catalog.pg_get_partition_constraintdef(r.oid),
      'parents', (
        select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('schema', pn.nspname, 'name', p.relname)), '[]')
        from pg_catalog.pg_inherits i
        join pg_catalog.pg_class p on p.oid = i.inhparent
        join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
        where i.inhrelid = r.oid
      ),
      'columns', (
        select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
          'name', a.attname,
          'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
          'notNull', a.attnotnull,
          'identity', a.attidentity <> '',
          'generated', a.attgenerated <> '',
          'default', case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
          'descending', exists (
            select
            from pg_catalog.pg_depend o
            join pg_catalog.pg_sequence s on s.seqrelid = o.objid and s.seqincrement < 0
            where o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.refclassid = o.classid
              and o.refobjid = a.attrelid and o.refobjsubid = a.attnum
          ) or exists (
            select
            from pg_catalog.pg_depend o
            join pg_catalog.pg_sequence s on s.seqrelid = o.refobjid and s.seqincrement < 0
            where o.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and o.objid = d.oid
          ),
          'local', a.attislocal
        ) order by a.attnum), '[]')
        from pg_catalog.pg_attribute a
        left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      ),
      'indexes', (
        select coalesce(pg_catalog.json_agg(ic.relname order by ic.relname), '[]')
        from pg_catalog.pg_index x
        join pg_catalog.pg_class ic on ic.oid = x.indexrelid
        where x.indrelid = r.oid
      )
    ) order by r.nspname, r.relname), '[]')
    from relation r
    where r.relkind in ('r', 'p')
  ) as tables,
  (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'schema', r.nspname,
      'name', r.relname,
      'minimum', s.seqmin::text,
      'maximum', s.seqmax::text,
      'table', (
        select pg_catalog.json_build_object('schema', tn.nspname, 'name', t.relname)
        from pg_catalog.pg_class t
        join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
        where t.oid = o.refobjid
      ),
      'column', (
        select a.attname from pg_catalog.pg_attribute a where a.attrelid = o.refobjid and a.attnum = o.refobjsubid
      )
    ) order by r.nspname, r.relname), '[]')
    from relation r
    join pg_catalog.pg_sequence s on s.seqrelid = r.oid
    left join pg_catalog.pg_depend o
      on o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.objid = r.oid
      and o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and o.deptype in ('a', 'i')
  ) as sequences,
  (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'schema', n.nspname,
      'name', t.typname,
      'base', pg_catalog.format_type(t.typbasetype, t.typtypmod),
      'notNull', t.typnotnull,
      'checks', (
        select coalesce(pg_catalog.json_agg(pg_catalog.pg_get_constraintdef(k.oid) order by k.conname), '[]')
        from pg_catalog.pg_constraint k
        where k.contypid = t.oid and k.contype = 'c'
      )
    )), '[]')
    from pg_catalog.pg_type t
    join space n on n.oid = t.typnamespace
    where t.typtype = 'd'
  ) as domains,
  (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'schema', n.nspname,
      'name', t.typname,
      'sql', pg_catalog.format_type(t.oid, null),
      'labels', (
        select pg_catalog.json_agg(e.enumlabel order by e.enumsortorder)
        from pg_catalog.pg_enum e
        where e.enumtypid = t.oid
      )
    )), '[]')
    from pg_catalog.pg_type t
    join space n on n.oid = t.typnamespace
    where t.typtype = 'e'
  ) as enums,
  (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'kind', part.kind,
      'table', pg_catalog.json_build_object('schema', r.nspname, 'name', r.relname),
      'name', part.name,
      'definition', part.definition
    ) order by r.nspname, r.relname, part.name), '[]')
    from relation r
    join (
      select k.conrelid as oid, 'constraint' as kind, k.conname as name, pg_catalog.pg_get_constraintdef(k.oid) as definition
      from pg_catalog.pg_constraint k
      where k.contype in ('c', 'f', 'p', 'u', 'x') and k.conislocal and k.conparentid = 0
      union all
      -- Since Postgres 18.
      select k.conrelid, 'not null', k.conname, pg_catalog.pg_get_constraintdef(k.oid)
      from pg_catalog.pg_constraint k
      where k.contype = 'n' and k.conislocal
      union all
      select x.indrelid, 'index', ic.relname,
        pg_catalog.replace(
          pg_catalog.pg_get_indexdef(x.indexrelid), pg_catalog.format(' INDEX %I ON ', ic.relname), ' INDEX ON '
        )
      from pg_catalog.pg_index x
      join pg_catalog.pg_class ic on ic.oid = x.indexrelid
      where not ic.relispartition
        and not exists (select from pg_catalog.pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))
      union all
      select g.tgrelid, 'trigger', g.tgname,
        pg_catalog.replace(
          pg_catalog.pg_get_triggerdef(g.oid), pg_catalog.format(' TRIGGER %I ', g.tgname), ' TRIGGER '
        )
      from pg_catalog.pg_trigger g
      where not g.tgisinternal and g.tgparentid = 0
    ) as part on part.oid = r.oid
    where r.relkind in ('r', 'p')
  ) as parts
