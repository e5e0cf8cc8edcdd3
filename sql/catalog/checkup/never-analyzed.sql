-- Tables with rows for which the planner has no statistics (https://www.postgresql.org/docs/current/planner-stats.html).
select relid::regclass::text as name, n_live_tup::float8 as value
from pg_catalog.pg_stat_user_tables
where n_live_tup > 1000 and last_analyze is null and last_autoanalyze is null
order by 2 desc
