-- Where this session would make the table schema_migrations, and the tables of that name. `trusted` says whether the
-- owner is someone whose triggers may run in this session, `shared` whether others may write to the table.
select
  pg_catalog.current_schema()::pg_catalog.text as schema,
  pg_catalog.pg_is_in_recovery() as standby,
  coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'schema', n.nspname,
    'kind', c.relkind,
    'owner', r.rolname,
    'readable', pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select'),
    'columns', (
      select coalesce(pg_catalog.jsonb_object_agg(a.attname, pg_catalog.jsonb_build_object(
        'type', pg_catalog.format_type(a.atttypid, null),
        'required', a.attnotnull and not a.atthasdef and a.attidentity = ''
      )), '{}')
      from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ),
    'rails', exists (
      select from pg_catalog.pg_class other
      where other.relname = 'ar_internal_metadata' and other.relnamespace = c.relnamespace
    ),
    'trusted', (
      c.relowner = me.oid
      or r.rolsuper
      or c.relowner = (select datdba from pg_catalog.pg_database where datname = pg_catalog.current_database())
      or (not me.rolsuper and pg_catalog.pg_has_role(c.relowner, 'usage'))
    ),
    'shared', exists (
      select
      from (
        select a.* from pg_catalog.aclexplode(c.relacl) a
        union all
        select a.* from pg_catalog.pg_attribute own, pg_catalog.aclexplode(own.attacl) a where own.attrelid = c.oid
      ) g left join pg_catalog.pg_roles receiver on receiver.oid = g.grantee
      where g.grantee <> c.relowner and g.grantee <> me.oid and not coalesce(receiver.rolsuper, false)
        and g.privilege_type in ('INSERT', 'UPDATE', 'TRIGGER')
    )
  ) order by n.nspname) filter (where c.oid is not null), '[]') as tables
from pg_catalog.pg_roles me
left join (
  pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace and n.nspname not like 'pg\_%'
  join pg_catalog.pg_roles r on r.oid = c.relowner
) on c.relname = 'schema_migrations'
where me.rolname = current_user
group by me.oid
