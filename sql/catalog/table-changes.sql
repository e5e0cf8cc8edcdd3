-- The server's count of changed rows of each table, as one object by oid.
select coalesce(pg_catalog.jsonb_object_agg(relid::pg_catalog.text, n_tup_ins + n_tup_upd + n_tup_del), '{}')::pg_catalog.text as changes
from pg_catalog.pg_stat_user_tables
