-- \du: roles whose name matches $2 (null: all except system roles, unless $3).
select
  r.rolname as "Role name",
  concat_ws(', ',
    case when r.rolsuper then 'Superuser' end,
    case when not r.rolinherit then 'No inheritance' end,
    case when r.rolcreaterole then 'Create role' end,
    case when r.rolcreatedb then 'Create DB' end,
    case when not r.rolcanlogin then 'Cannot login' end,
    case when r.rolreplication then 'Replication' end,
    case when r.rolbypassrls then 'Bypass RLS' end,
    case when r.rolconnlimit >= 0 then r.rolconnlimit || ' connections' end,
    'Password valid until ' || r.rolvaliduntil) as "Attributes",
  array_to_string(array(
    select b.rolname from pg_catalog.pg_auth_members m join pg_catalog.pg_roles b on b.oid = m.roleid where m.member = r.oid order by 1
  ), ', ') as "Member of",
  shobj_description(r.oid, 'pg_authid') as "Description"
from pg_catalog.pg_roles r
where $1::text is null and ($3 or r.rolname !~ '^pg_') and ($2::text is null or r.rolname ~ $2)
order by 1
