-- Tables whose rows the session has changed: by the counts that it has not given to the server yet, which are all of a
-- transaction's; by those of the server that have grown since $1, an object by oid (null: not asked); and, where nothing
-- is counted, by the locks of the open transaction. Temporary tables of other sessions cannot be among them.
select changed.relid::pg_catalog.int8 as oid, space.nspname as schema, class.relname as "table", pg_catalog.row_security_active(changed.relid) as hidden
from (
  select relid from pg_catalog.pg_stat_xact_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0
  union
  select relid from pg_catalog.pg_stat_user_tables
  where n_tup_ins + n_tup_upd + n_tup_del > coalesce(($1::pg_catalog.jsonb ->> relid::pg_catalog.text)::pg_catalog.int8, 0)
    and $1 is not null
  union
  select tables.relid from pg_catalog.pg_locks locks
  join pg_catalog.pg_stat_user_tables tables on tables.relid = locks.relation
  where locks.pid = pg_catalog.pg_backend_pid() and locks.mode = 'RowExclusiveLock'
    and not pg_catalog.current_setting('track_counts')::pg_catalog.bool
) changed
join pg_catalog.pg_class class on class.oid = changed.relid
join pg_catalog.pg_namespace space on space.oid = class.relnamespace
where not pg_catalog.pg_is_other_temp_schema(class.relnamespace)
order by 2, 3
