-- Tables whose rows the open transaction has changed; with $1 every table that users have made.
select schemaname as schema, relname as "table"
from pg_catalog.pg_stat_xact_user_tables
where $1 or n_tup_ins + n_tup_upd + n_tup_del > 0
order by 1, 2
