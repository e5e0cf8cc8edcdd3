-- The properties of the session that the shell shows or needs.
select
  current_database() as "database",
  current_user as "role",
  current_setting('server_version') as "version",
  current_setting('is_superuser') = 'on' as "superuser",
  current_setting('standard_conforming_strings') = 'on' as "standardStrings",
  (select ssl from pg_catalog.pg_stat_ssl where pid = pg_backend_pid()) as "encrypted"
