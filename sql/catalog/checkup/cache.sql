-- The share of blocks that the server found in its own cache, in percent; nothing before it has read a million
-- (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-DATABASE-VIEW).
select datname as name, (100.0 * blks_hit / (blks_hit + blks_read))::float8 as value
from pg_catalog.pg_stat_database
where datname = current_database() and blks_hit + blks_read > 1000000
