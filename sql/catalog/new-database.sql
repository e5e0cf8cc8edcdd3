-- The inputs of a new database besides its SQL files: the server version, the role that will own it and the locale of
-- template1. The columns of pg_database differ between versions, hence to_jsonb.
select
  current_setting('server_version_num') as version,
  current_user::text as role,
  (
    select jsonb_object_agg(key, value)
    from jsonb_each(to_jsonb(d))
    where key in ('encoding', 'datcollate', 'datctype', 'datlocprovider', 'datlocale', 'daticulocale', 'daticurules', 'datcollversion')
  ) as locale
from pg_catalog.pg_database d
where datname = 'template1'
