-- Tables of which over a fifth are dead rows that VACUUM has not removed, in percent
-- (https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM).
select relid::regclass::text as name, (100.0 * n_dead_tup / (n_live_tup + n_dead_tup))::float8 as value
from pg_catalog.pg_stat_user_tables
where n_dead_tup > 10000 and n_dead_tup > 0.2 * (n_live_tup + n_dead_tup)
order by n_dead_tup desc
