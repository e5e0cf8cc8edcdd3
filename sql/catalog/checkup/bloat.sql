-- About how many bytes a table has more than its rows need, by their average width in pg_stats: an estimate, for tables of
-- over 10 MB of which the role may read the statistics. Pages are filled to 90 %, and a row has 28 bytes around it.
select name, waste::float8 as value
from (
  select
    c.oid::regclass::text as name,
    pg_relation_size(c.oid) as size,
    pg_relation_size(c.oid) - c.reltuples * (28 + s.width) / 0.9 as waste
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  cross join lateral (
    select sum((1 - null_frac) * avg_width) as width from pg_catalog.pg_stats where schemaname = n.nspname and tablename = c.relname
  ) as s
  where c.relkind in ('r', 'm') and c.reltuples > 0 and s.width is not null
    and n.nspname not in ('pg_catalog', 'information_schema') and c.relpages > 1280
) as estimated
where waste > 0.5 * size
order by waste desc
