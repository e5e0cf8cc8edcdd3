-- The large objects, with the privileges on them of others than their owner.
select
  large.oid,
  pg_catalog.pg_get_userbyid(large.lomowner) as owner,
  pg_catalog.obj_description(large.oid, 'pg_largeobject') as comment,
  array(
    select
      pg_catalog.format(
        'GRANT %s ON LARGE OBJECT %s TO %s%s;',
        privilege.privilege_type,
        large.oid,
        case when privilege.grantee = 0 then 'PUBLIC' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(privilege.grantee)) end,
        case when privilege.is_grantable then ' WITH GRANT OPTION' else '' end
      )
    from pg_catalog.aclexplode(large.lomacl) privilege
    where privilege.grantee <> large.lomowner
    order by 1
  ) as grants
from pg_catalog.pg_largeobject_metadata large
order by large.oid
