-- The extensions of a database, and whether anything of its users depends on something of theirs.
select
  e.extname as name,
  exists (
    select
    from pg_catalog.pg_depend member
    join pg_catalog.pg_depend user_of
      on user_of.refclassid = member.classid and user_of.refobjid = member.objid and user_of.deptype in ('n', 'a')
    where member.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and member.refobjid = e.oid and member.deptype = 'e'
      and not exists (
        select from pg_catalog.pg_depend other
        where other.classid = user_of.classid and other.objid = user_of.objid and other.deptype = 'e'
      )
      -- What belongs to a member, for example the row type of its table.
      and not exists (
        select
        from pg_catalog.pg_depend inner_part
        join pg_catalog.pg_depend whole
          on whole.classid = inner_part.refclassid and whole.objid = inner_part.refobjid and whole.deptype = 'e'
        where inner_part.classid = user_of.classid and inner_part.objid = user_of.objid and inner_part.deptype in ('i', 'a')
      )
  ) as needed
from pg_catalog.pg_extension e
where e.extname <> 'plpgsql'
order by 1
