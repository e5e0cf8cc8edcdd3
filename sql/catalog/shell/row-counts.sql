-- About how many rows each of the tables $1 has, with its partitions.
select name, (
    select sum(greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0))::bigint
    from pg_catalog.pg_class c
    where c.relkind in ('r', 'm')
      and (c.oid = to_regclass(name) or c.oid in (select relid from pg_partition_tree(to_regclass(name))))
  )::text as rows
from unnest($1::text[]) as name
