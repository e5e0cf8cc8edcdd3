-- The search_path of this session, with its role in place of "$user".
select
  pg_catalog.replace(pg_catalog.current_setting('search_path'), '"$user"', pg_catalog.quote_ident(current_user)) as path
