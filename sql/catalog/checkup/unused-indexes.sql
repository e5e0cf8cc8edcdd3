-- Indexes of over 1 MB that nothing has read since the statistics count, which is at least a week; not those of constraints
-- (https://www.postgresql.org/docs/current/monitoring-stats.html). On a replica others may be used.
select s.indexrelid::regclass::text as name, pg_relation_size(s.indexrelid)::float8 as value
from pg_catalog.pg_stat_user_indexes s
join pg_catalog.pg_index i on i.indexrelid = s.indexrelid
where s.idx_scan = 0 and not i.indisunique and pg_relation_size(s.indexrelid) > 1048576
  and not exists (select from pg_catalog.pg_constraint k where k.conindid = s.indexrelid)
  and coalesce(
    (select d.stats_reset from pg_catalog.pg_stat_database d where d.datname = current_database()), pg_postmaster_start_time()
  ) < now() - interval '7 days'
order by 2 desc
