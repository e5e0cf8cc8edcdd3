-- Tables whose rows the session has changed, from three sources: the session's own counts, which hold all changes of the
-- open transaction; the server's counts that have grown since $1, an object by oid (null: not compared); and, if nothing
-- is counted, the locks of the open transaction. Without temporary tables of other sessions. The views of statistics are
-- not used, because a new session plans them three times as long.
select
  class.oid::pg_catalog.int8 as oid,
  space.nspname as schema,
  class.relname as "table",
  pg_catalog.row_security_active(class.oid) as hidden,
  exists (select from pg_catalog.pg_depend depend join pg_catalog.pg_sequence sequence on sequence.seqrelid = depend.objid where depend.refobjid = class.oid)
    or exists (select from pg_catalog.pg_inherits where inhrelid = class.oid) as "hasSequences"
from pg_catalog.pg_class class
join pg_catalog.pg_namespace space on space.oid = class.relnamespace
where class.relkind = 'r'
  and space.nspname !~ '^pg_(catalog|toast)|^information_schema$'
  and not pg_catalog.pg_is_other_temp_schema(class.relnamespace)
  and (
    pg_catalog.pg_stat_get_xact_tuples_inserted(class.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(class.oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(class.oid) > 0
    or $1::pg_catalog.jsonb is not null
      and pg_catalog.pg_stat_get_tuples_inserted(class.oid) + pg_catalog.pg_stat_get_tuples_updated(class.oid) + pg_catalog.pg_stat_get_tuples_deleted(class.oid)
        > coalesce(($1::pg_catalog.jsonb ->> class.oid::pg_catalog.text)::pg_catalog.int8, 0)
    or not pg_catalog.current_setting('track_counts')::pg_catalog.bool
      and class.oid in (select relation from pg_catalog.pg_locks where pid = pg_catalog.pg_backend_pid() and mode = 'RowExclusiveLock')
  )
order by 2, 3
