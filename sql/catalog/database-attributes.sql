-- The attributes, grants and settings of the databases named $1. $2 is the privilege on a role that a member needs to make
-- that role the owner of a database. The columns of pg_database differ between versions, hence to_jsonb.
select
  d.datname as name,
  to_jsonb(d) - 'datacl' as "row",
  pg_catalog.pg_encoding_to_char(d.encoding) as encoding,
  pg_catalog.pg_get_userbyid(d.datdba) as owner,
  pg_catalog.pg_has_role(d.datdba, $2) as "mayGive",
  (select spcname from pg_catalog.pg_tablespace t where t.oid = d.dattablespace) as tablespace,
  d.datacl::text as acl,
  (
    select jsonb_agg(jsonb_build_object('role', case when a.grantee <> 0 then pg_catalog.pg_get_userbyid(a.grantee) end, 'owner', a.grantee = d.datdba, 'privilege', a.privilege_type, 'grantable', a.is_grantable))
    from pg_catalog.aclexplode(d.datacl) a
  ) as grants,
  (
    select coalesce(jsonb_agg(jsonb_build_object('role', r.rolname, 'name', split_part(s.setting, '=', 1), 'value', substr(s.setting, strpos(s.setting, '=') + 1))), '[]')
    from pg_catalog.pg_db_role_setting c
    cross join lateral unnest(c.setconfig) as s(setting)
    left join pg_catalog.pg_roles r on r.oid = c.setrole
    where c.setdatabase = d.oid
  ) as settings,
  (
    select coalesce(jsonb_agg(jsonb_build_object('provider', l.provider, 'label', l.label)), '[]')
    from pg_catalog.pg_shseclabel l
    where l.objoid = d.oid and l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
  ) as labels,
  exists (select from pg_catalog.pg_subscription s where s.subdbid = d.oid) as subscribed
from pg_catalog.pg_database d
where d.datname = any($1::name[])
