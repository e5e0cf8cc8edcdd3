-- What decides how a new database comes out, beside the files that fill it: the server, the role that will own all of it,
-- and the locale of template1. Its columns are not the same in all versions.
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
