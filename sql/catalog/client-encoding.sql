-- The encoding that a client has by default here: of the role in the database, the role, the database, or the server's.
select coalesce(
  (
    select split_part(entry, '=', 2)
    from pg_catalog.pg_db_role_setting as setting, unnest(setting.setconfig) as entry
    where entry like 'client\_encoding=%'
      and setting.setrole in (0, (select oid from pg_catalog.pg_roles where rolname = session_user))
      and setting.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
    order by setting.setrole <> 0 desc, setting.setdatabase <> 0 desc
    limit 1
  ),
  (select pg_catalog.pg_encoding_to_char(encoding) from pg_catalog.pg_database where datname = current_database())
) as encoding
