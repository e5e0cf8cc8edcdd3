-- \d NAME: the lines below the columns of a relation ($1 is its oid; $2: also partitions and the definitions of views). Lines
-- of the section '' have no heading.
select section, line
from (select *, row_number() over () as number from (
  select 1, '', 'Partition of: ' || i.inhparent::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid)
  from pg_catalog.pg_class c join pg_catalog.pg_inherits i on i.inhrelid = c.oid
  where c.oid = $1::oid and c.relispartition
  union all
  select 2, '', 'Partition key: ' || pg_get_partkeydef(c.oid)
  from pg_catalog.pg_class c where c.oid = $1::oid and c.relkind = 'p'
  union all
  select 3, '', concat_ws(', ',
    case when i.indisprimary then 'primary key' when i.indisunique then 'unique' end,
    am.amname,
    'for table "' || n.nspname || '.' || t.relname || '"',
    case when i.indpred is not null then 'predicate (' || pg_get_expr(i.indpred, i.indrelid, true) || ')' end,
    case when not i.indisvalid then 'invalid' end)
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_am am on am.oid = c.relam
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = t.relnamespace
  where i.indexrelid = $1::oid
  union all
  (
    select 4, 'Indexes', '"' || c.relname || '"'
      || case
        when k.contype = 'x' then ' ' || pg_get_constraintdef(k.oid, true)
        else case
            when i.indisprimary then ' PRIMARY KEY,'
            when k.contype = 'u' then ' UNIQUE CONSTRAINT,'
            when i.indisunique then ' UNIQUE,'
            else ''
          end
          || substring(pg_get_indexdef(i.indexrelid, 0, true) from ' USING( .*)$')
      end
      || case when k.condeferrable then ' DEFERRABLE' else '' end
      || case when k.condeferred then ' INITIALLY DEFERRED' else '' end
      || case when i.indisclustered then ' CLUSTER' else '' end
      || case when i.indisvalid then '' else ' INVALID' end
      || case when i.indisreplident then ' REPLICA IDENTITY' else '' end
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    left join pg_catalog.pg_constraint k on k.conrelid = i.indrelid and k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
    where i.indrelid = $1::oid
    order by i.indisprimary desc, c.relname
  )
  union all
  (
    select
      case k.contype when 'c' then 5 else 6 end,
      case k.contype when 'c' then 'Check constraints' else 'Foreign-key constraints' end,
      '"' || k.conname || '" ' || pg_get_constraintdef(k.oid, true)
    from pg_catalog.pg_constraint k
    where k.conrelid = $1::oid and k.contype in ('c', 'f')
    order by k.conname
  )
  union all
  (
    select 7, 'Referenced by', 'TABLE "' || k.conrelid::regclass || '" CONSTRAINT "' || k.conname || '" ' || pg_get_constraintdef(k.oid, true)
    from pg_catalog.pg_constraint k
    where k.confrelid = $1::oid and k.contype = 'f' and k.conparentid = 0
    order by k.conrelid::regclass::text, k.conname
  )
  union all
  (
    select 8, case
        when not c.relrowsecurity then 'Policies (row security disabled)'
        when c.relforcerowsecurity then 'Policies (forced row security enabled)'
        else 'Policies'
      end,
      'POLICY "' || p.polname || '"' || case when p.polpermissive then '' else ' AS RESTRICTIVE' end
      || case p.polcmd when 'r' then ' FOR SELECT' when 'a' then ' FOR INSERT' when 'w' then ' FOR UPDATE' when 'd' then ' FOR DELETE' else '' end
      || case when p.polroles = '{0}' then '' else e'\n      TO ' || array_to_string(array(
        select r.rolname from pg_catalog.pg_roles r where r.oid = any(p.polroles) order by 1
      ), ',') end
      || coalesce(e'\n      USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
      || coalesce(e'\n      WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
    from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
    where p.polrelid = $1::oid
    order by p.polname
  )
  union all
  select 8, '', 'Policies (' || case when c.relforcerowsecurity then 'forced ' else '' end || 'row security enabled): (none)'
  from pg_catalog.pg_class c
  where c.oid = $1::oid and c.relrowsecurity and not exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid)
  union all
  (
    select 8.1, 'Statistics objects', '"' || n.nspname || '.' || s.stxname || '" '
      || substring(pg_get_statisticsobjdef(s.oid) from ' STATISTICS \S+ (.*)$')
    from pg_catalog.pg_statistic_ext s join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
    where s.stxrelid = $1::oid
    order by n.nspname, s.stxname
  )
  union all
  (
    select 8.2, case r.ev_enabled when 'D' then 'Disabled rules' when 'A' then 'Rules firing always' when 'R' then 'Rules firing on replica only' else 'Rules' end,
      rtrim(substring(pg_get_ruledef(r.oid, true) from '^CREATE RULE (.*)$'), ';')
    from pg_catalog.pg_rewrite r
    where r.ev_class = $1::oid and r.rulename <> '_RETURN'
    order by r.rulename
  )
  union all
  (
    select 8.3, 'Publications', '"' || p.pubname || '"'
    from pg_catalog.pg_publication p join pg_catalog.pg_class c on c.oid = $1::oid and c.relkind in ('r', 'p')
    where p.puballtables and pg_relation_is_publishable(c.oid)
      or exists (select from pg_catalog.pg_publication_rel r where r.prpubid = p.oid and r.prrelid = c.oid)
    order by p.pubname
  )
  union all
  select 12.1, '', 'Server: ' || s.srvname
  from pg_catalog.pg_foreign_table f join pg_catalog.pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = $1::oid
  union all
  select 12.2, '', 'FDW options: (' || array_to_string(array(
    select quote_ident(option_name) || ' ' || quote_literal(option_value) from pg_options_to_table(f.ftoptions)
  ), ', ') || ')'
  from pg_catalog.pg_foreign_table f where f.ftrelid = $1::oid and f.ftoptions is not null
  union all
  (
    select 9, case when t.tgenabled = 'D' then 'Disabled user triggers' else 'Triggers' end,
      substring(pg_get_triggerdef(t.oid, true) from ' TRIGGER (.*)$')
    from pg_catalog.pg_trigger t
    where t.tgrelid = $1::oid and not t.tgisinternal
    order by t.tgenabled = 'D', t.tgname
  )
  union all
  select 10, 'Inherits', i.inhparent::regclass::text
  from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
  where i.inhrelid = $1::oid and not c.relispartition and c.relkind in ('r', 'f')
  union all
  (
    select 11, case when c.relispartition then 'Partitions' else 'Child tables' end,
      i.inhrelid::regclass || coalesce(' ' || pg_get_expr(c.relpartbound, c.oid), '')
      || case when c.relkind = 'p' then ', PARTITIONED' when c.relkind = 'f' then ', FOREIGN' else '' end
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = $1::oid and c.relkind in ('r', 'p', 'f') and $2::boolean
    order by pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', i.inhrelid::regclass::text
  )
  union all
  select 11, '', 'Number of ' || case c.relkind when 'p' then 'partitions' else 'child tables' end || ': ' || children.count
    || case when children.count > 0 then ' (Use \d+ to list them.)' else '' end
  from pg_catalog.pg_class c
  cross join lateral (select count(*) as count from pg_catalog.pg_inherits i where i.inhparent = c.oid) as children
  where c.oid = $1::oid and c.relkind in ('r', 'p', 'f')
    and (c.relkind = 'p' and (not $2::boolean or children.count = 0) or children.count > 0 and not $2::boolean)
  union all
  select 12, '', 'Owned by: ' || d.refobjid::regclass || '.' || quote_ident(a.attname)
  from pg_catalog.pg_depend d
  join pg_catalog.pg_class c on c.oid = d.objid and c.relkind = 'S'
  join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where d.objid = $1::oid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
  union all
  select 14, '', 'Access method: ' || am.amname
  from pg_catalog.pg_class c join pg_catalog.pg_am am on am.oid = c.relam
  where c.oid = $1::oid and c.relkind in ('r', 'm') and $2::boolean
  union all
  select 13, 'View definition', pg_get_viewdef(c.oid, true)
  from pg_catalog.pg_class c where c.oid = $1::oid and c.relkind in ('v', 'm') and $2::boolean
) as notes(place, section, line)) as numbered
order by place, number
